"""One file from source to report, through screen, semantics and rules; and the loop of fixing."""

from __future__ import annotations

import ast
import gc
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dropout_lint.config import Settings
from dropout_lint.diagnostics import Diagnostic, Fix, Safety
from dropout_lint.files.source import Source
from dropout_lint.linting.nesting import MOST_NODES, has_too_many_nodes, is_too_deep
from dropout_lint.linting.report import Report
from dropout_lint.linting.selection import passes_screen, rules_beyond_screen

if TYPE_CHECKING:
    from dropout_lint.linting.fixed_point import Withdrawn

_ROUNDS = 50
# A tree of fewer levels brings no stack to its end: whatever recurses there has no end.
_FLAT = 150
_MAX_SIZE = 8_000_000


class AnalysisError(Exception):
    """A file that cannot be analysed; the message is one sentence for the user."""


@dataclass(frozen=True)
class Fixed:
    """The result of fixing one file: the report on the new text, and the fixed findings by code.

    ``refused`` is a sentence for the user where a fix was not made, or none was.
    """

    report: Report
    text: str
    fixed: Counter[str] = field(default_factory=Counter)
    refused: str | None = None


def lint(source: Source, settings: Settings, tree: ast.Module | None = None) -> Report:
    """The report on one file. ``tree`` is its `ast`, where the caller has parsed it already.

    Raises AnalysisError if the file cannot be analysed.
    """
    if len(source.text) > _MAX_SIZE:
        raise AnalysisError(f"{source.name}: is larger than {_MAX_SIZE // 10**6} MB; exclude it")
    enabled = gc.isenabled()
    gc.disable()  # a parser builds millions of objects that stay alive: the collector would take
    try:  # half of the time of `ast.parse`
        return _lint(source, settings, tree)
    finally:
        if enabled:
            gc.enable()


def _lint(source: Source, settings: Settings, tree: ast.Module | None) -> Report:
    from dropout_lint.screen.tree.syntax import may_matter

    tree = tree or parse(source)
    beyond = rules_beyond_screen(settings)
    data = source.text.encode("utf-8", "surrogatepass") if beyond else b""
    try:
        if not (passes_screen(data, settings) or may_matter(tree, settings.catalog)):
            return Report(source)
    except RecursionError:  # the analysis has a bigger stack
        pass
    if has_too_many_nodes(tree):
        raise AnalysisError(
            f"{source.name}: has more than {MOST_NODES:,} names, numbers and operations, which "
            "takes too much memory; split it or exclude the file"
        )
    if is_too_deep(tree, source):
        raise _too_deep(source)
    from dropout_lint.semantics.project.snapshots import at_one_moment
    from dropout_lint.semantics.syntax.big_stack import on_big_stack

    try:
        with at_one_moment():
            return on_big_stack(lambda: _analyse(source, settings))
    except RecursionError:
        if not is_too_deep(tree, source, _FLAT):
            raise
        raise _too_deep(source) from None


def _unreadable(source: Source, row: int | None, statement: str | None = None) -> AnalysisError:
    cure = "rewrite it, or exclude the file"
    if row is not None and statement is not None:
        mixed = _mixed_row(source, row, row + len(statement.splitlines()))
        if mixed is not None:
            row, cure = mixed, "use either tabs or spaces for its indentation and its block's"
    where = f"line {row}: " if row is not None else ""
    return AnalysisError(
        f"{source.name}: {where}Python reads this, but libcst, which dropout-lint is built on, "
        f"does not; {cure}"
    )


def _mixed_row(source: Source, first: int, last: int) -> int | None:
    """The first of some rows that begins with tabs where the row above it begins with spaces."""
    above = ""
    for row in range(first, last):
        line = source.line(row)
        if not line.strip():
            continue
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        if not (indent.startswith(above) or above.startswith(indent)):
            return row
        above = indent
    return None


def _compile(source: Source) -> None:
    """Say what `ast` lets through and Python does not: ``except:`` that is not the last one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(source.text, "file", "exec", dont_inherit=True)
        except SyntaxError as error:
            raise _syntax_error(source, error) from None
        except (ValueError, RecursionError, MemoryError):
            return


def _syntax_error(source: Source, error: SyntaxError) -> AnalysisError:
    from dropout_lint.linting.newer_syntax import newer_python

    where = f"line {error.lineno}: " if error.lineno else ""
    newer = newer_python(source.line(error.lineno or 0), error.msg)
    cure = newer or "correct it or exclude the file"
    return AnalysisError(f"{source.name}: {where}syntax error, {error.msg}; {cure}")


def parse(source: Source) -> ast.Module:
    """The `ast` of a file. Also protects libcst's parser from what this Python itself refuses."""
    if "\0" in source.text:  # the error differs between versions of Python
        row = source.location(source.text.index("\0")).row
        raise AnalysisError(
            f"{source.name}: line {row}: syntax error, a null byte; correct it or exclude the file"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source.text)
        except SyntaxError as error:
            raise _syntax_error(source, error) from None
        except ValueError as error:
            raise AnalysisError(
                f"{source.name}: is not Python, {error}; correct it or exclude the file"
            ) from None
        except (RecursionError, MemoryError):
            raise _too_deep(source) from None


def _too_deep(source: Source) -> AnalysisError:
    return AnalysisError(
        f"{source.name}: is nested too deeply to be analysed; simplify it or exclude the file"
    )


def _analyse(source: Source, settings: Settings) -> Report:
    from dropout_lint.linting.checking import diagnose
    from dropout_lint.screen.text.methods import MODES
    from dropout_lint.semantics.model import SemanticModel
    from dropout_lint.semantics.syntax.tree import Unreadable

    try:
        model = SemanticModel(source.text, settings.catalog, source.path)
    except Unreadable as error:
        _compile(source)
        raise _unreadable(source, error.row) from None
    except RecursionError:
        raise _too_deep(source) from None
    left_out = model.tree.left_out
    if not left_out:
        return diagnose(model, source, settings)
    _compile(source)
    words = [word.decode() for word in (*settings.catalog.words, *MODES)]
    for row, statement in left_out:
        if any(word in statement for word in words):  # it may hold a finding
            raise _unreadable(source, row, statement)
    report = diagnose(model, source, settings)
    note = (
        f"{source.name}: line {left_out[0][0]}: is left out of the analysis, for libcst, which "
        "dropout-lint is built on, does not read it; rewrite it"
    )
    return replace(report, note=note)


def chosen_fix(diagnostic: Diagnostic, unsafe: bool) -> Fix | None:
    """The fix to apply: the first one if unsafe fixes are allowed, else the first safe one."""
    offered = (diagnostic.fix, *diagnostic.alternatives)
    return next((fix for fix in offered if fix and (unsafe or fix.safety is Safety.SAFE)), None)


def fix(source: Source, settings: Settings) -> Fixed:
    """The result of fixing one file in memory, again and again until nothing changes.

    Raises AnalysisError if the file cannot be analysed.
    """
    report = lint(source, settings)
    if report.unfinished is not None:
        return Fixed(report, source.text, refused=report.unfinished)
    if not _fixable(report, settings):
        return Fixed(with_proven_offers(report, settings), source.text)
    if not source.round_trips:
        return Fixed(
            report,
            source.text,
            refused=f"{source.name}: {source.encoding} does not give the same bytes back, so "
            "nothing was fixed; save the file as UTF-8",
        )
    return _to_fixed_point(source, report, settings)


def _to_fixed_point(source: Source, report: Report, settings: Settings) -> Fixed:
    from dropout_lint.linting.fixed_point import Withdrawn, one_round

    def again(text: str) -> Report:
        return lint(source.with_text(text), settings)

    count: Counter[str] = Counter()
    first, withdrawn = report, tuple[Withdrawn, ...]()
    for _ in range(_ROUNDS):
        done = one_round(report, withdrawn, lambda r: _fixable(r, settings), again)
        report, withdrawn = done.report, done.withdrawn
        if not done.fixed:
            report = with_proven_offers(report, settings)
            return Fixed(report, done.text, count, _refusal(report, withdrawn))
        count.update(diagnostic.code for diagnostic in done.fixed)
    return Fixed(
        first,
        source.text,
        refused=f"{source.name}: fixes leave something to fix without end, so the file was left as "
        "it was; please report this as a bug of dropout-lint",
    )


def _refusal(report: Report, withdrawn: Sequence[Withdrawn]) -> str | None:
    """A sentence about findings that are left because their fixes would not parse."""
    left = {(d.code, d.start): d for d in report.diagnostics}
    refused = [
        left[w.code, w.start] for w in withdrawn if not w.parses and (w.code, w.start) in left
    ]
    if not refused:
        return None
    places = sorted({f"{d.code} in line {d.location.row}" for d in refused})
    return (
        f"{report.source.name}: a fix would not parse, so it was not made ({', '.join(places)}); "
        "please report this as a bug of dropout-lint"
    )


def with_proven_offers(report: Report, settings: Settings) -> Report:
    """The report without fixes that would leave their findings, of the rules that have such."""
    if not any(d.fix is not None for d in report.diagnostics):
        return report
    from dropout_lint.linting import fixed_point
    from dropout_lint.rules.base import all_rules

    tried = {rule.code for rule in all_rules() if rule.tries_fixes}

    def again(text: str) -> Report:
        return lint(report.source.with_text(text), settings)

    for unsafe in (True, False):

        def offers(report: Report, unsafe: bool = unsafe) -> list[tuple[Diagnostic, Fix]]:
            return [pair for pair in _offers(report, unsafe=unsafe) if pair[0].code in tried]

        report = fixed_point.with_proven_offers(report, offers, again)
        if offers(report) == offers(report, unsafe=False):
            break
    return report


def _fixable(report: Report, settings: Settings) -> list[tuple[Diagnostic, Fix]]:
    return _offers(report, unsafe=settings.unsafe_fixes)


def _offers(report: Report, *, unsafe: bool) -> list[tuple[Diagnostic, Fix]]:
    """The findings with a fix to apply, each with that fix."""
    pairs = ((d, chosen_fix(d, unsafe)) for d in report.diagnostics)
    return [(diagnostic, fix) for diagnostic, fix in pairs if fix is not None]
