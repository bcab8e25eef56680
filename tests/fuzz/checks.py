"""What has to hold for every text whatever: of the analysis, of the screen and of the fixes."""

from __future__ import annotations

import ast
import contextlib
import signal
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import StringIO
from types import FrameType

from dropout_lint.config import Settings
from dropout_lint.diagnostics import Diagnostic, Edit, Fix
from dropout_lint.files.source import Source, SourceError
from dropout_lint.fixing.edits.apply import apply_fixes
from dropout_lint.linting.pipeline import AnalysisError, Fixed, chosen_fix, fix, lint
from dropout_lint.linting.report import Report
from tests.generation import screening

SECONDS = 10.0
_DEFAULT = Settings(root="/")
_ALL = replace(_DEFAULT, select=("ALL",))
FIXES = {
    "safe fixes": _ALL,
    "safe fixes in the flag form": replace(_ALL, fix_style="flag"),
    "unsafe fixes": replace(_ALL, unsafe_fixes=True),
    "unsafe fixes in the flag form": replace(_ALL, fix_style="flag", unsafe_fixes=True),
}
# What an analysis may say instead of findings; anything else is a fault.
_REFUSALS = ("syntax error", "nested too deeply", "is not Python", "libcst, which")


class Slow(Exception):
    """A check that used more processor time than any file of this size may take."""


def failures(text: str, forms: Iterable[str] = FIXES) -> list[str]:
    """What does not hold for a text, a sentence each; ``forms`` are the kinds of fixes to try."""
    try:
        with _limited():
            return list(_failures(text, forms))
    except Slow:
        return [f"takes more than {SECONDS:g} s of processor time"]
    except Exception as error:
        return [f"an exception: {type(error).__name__}: {_brief(error)}"]


def kind(failure: str) -> str:
    """A failure without its details, for a minimiser that must not wander to another one."""
    return failure.partition(" {")[0].partition(" [")[0]


def _failures(text: str, forms: Iterable[str]) -> Iterator[str]:
    data = text.encode("utf-8", "surrogatepass")
    try:
        source = Source.decode(data, "fuzz.py")
    except SourceError:
        return
    try:
        report = lint(source, _ALL)
    except AnalysisError as error:
        if not any(reason in str(error) for reason in _REFUSALS):
            yield f"refused without a reason: {error}"
        return
    if lint(source, _ALL).diagnostics != report.diagnostics:
        yield "a second look finds something else"
    yield from screening.failures(screening.unscreened(source), lint(source, _DEFAULT))
    if report.diagnostics:
        for name in forms:
            for failure in _fix_failures(source, FIXES[name]):
                yield f"{name}: {failure}"


def _fix_failures(source: Source, settings: Settings) -> Iterator[str]:
    before = lint(source, settings)
    fixed = fix(source, settings)
    if fixed.refused is not None:
        if "bug of dropout-lint" in fixed.refused:
            yield f"refused: {fixed.refused}"
        return
    if fixed.text == source.text:
        if fixed.fixed:
            yield f"counts {dict(fixed.fixed)} as fixed and changes nothing"
        return
    try:
        ast.parse(fixed.text)
    except SyntaxError as error:
        yield f"the result does not parse: {error.msg}"
        return
    yield from _untruths(before, fixed)
    again = fix(source.with_text(fixed.text), settings)
    if again.text != fixed.text:
        yield f"a second run goes on: {dict(again.fixed)}"
    if not settings.unsafe_fixes:
        lost = _comments(source.text) - _comments(fixed.text)
        if lost:
            yield f"comments are lost: {sorted(lost)}"
    if _tears(before, settings):
        yield "text outside the edits has changed"


def _untruths(before: Report, fixed: Fixed) -> Iterator[str]:
    """A finding that is counted as fixed is gone."""
    was = Counter(diagnostic.code for diagnostic in before.diagnostics)
    now = Counter(diagnostic.code for diagnostic in fixed.report.diagnostics)
    for code, count in fixed.fixed.items():
        if was[code] - now[code] < min(count, was[code]) and now[code]:
            yield f"{code} is counted as fixed and is left {{{was[code]} before, {now[code]} now}}"


def _tears(before: Report, settings: Settings) -> bool:
    """Whether the first round of fixing is anything but its edits, made from the end."""
    text = before.source.text
    offered = [(d, each) for d in before.diagnostics if (each := _chosen(d, settings)) is not None]
    applied = apply_fixes(text, offered)
    kept = [each for diagnostic, each in offered if diagnostic in applied.fixed]
    edits = sorted(dict.fromkeys(edit for each in kept for edit in each.edits), key=_place)
    by_hand = text
    for edit in reversed(edits):
        by_hand = by_hand[: edit.start] + edit.text + by_hand[edit.end :]
    return by_hand != applied.text


def _chosen(diagnostic: Diagnostic, settings: Settings) -> Fix | None:
    return chosen_fix(diagnostic, settings.unsafe_fixes)


def _place(edit: Edit) -> tuple[int, int]:
    return edit.start, edit.end


def _comments(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    with contextlib.suppress(tokenize.TokenError, IndentationError, SyntaxError):
        for token in tokenize.generate_tokens(StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                found[token.string.strip()] += 1
    return found


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise Slow

    previous = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
