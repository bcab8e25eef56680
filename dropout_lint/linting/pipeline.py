"""One file from source to report, through screen, semantics and rules; and the loop of fixing."""

from __future__ import annotations

import ast
import gc
import warnings
from collections import Counter
from dataclasses import dataclass, field

from dropout_lint.config import Settings
from dropout_lint.diagnostics import Diagnostic, Fix, Safety
from dropout_lint.files.source import Source
from dropout_lint.linting.nesting import MOST_NODES, has_too_many_nodes, is_too_deep
from dropout_lint.linting.report import Report
from dropout_lint.linting.selection import passes_screen, rules_beyond_screen

_ROUNDS = 50
_MAX_SIZE = 8_000_000


class AnalysisError(Exception):
    """A file that cannot be analysed; the message is one sentence for the user."""


@dataclass(frozen=True)
class Fixed:
    """The result of fixing one file: the report on the new text, and the fixed findings by code.

    ``refused`` is a sentence for the user where the file could not be fixed and is unchanged.
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

    tree = tree or _parse(source)
    beyond = rules_beyond_screen(settings)
    data = source.text.encode("utf-8", "surrogatepass") if beyond else b""
    if not (passes_screen(data, settings) or may_matter(tree, settings.catalog)):
        return Report(source)
    if has_too_many_nodes(tree):
        raise AnalysisError(
            f"{source.name}: has more than {MOST_NODES:,} names, numbers and operations, which "
            "takes too much memory; split it or exclude the file"
        )
    if is_too_deep(tree, source):
        raise _too_deep(source)
    from dropout_lint.semantics.syntax.big_stack import on_big_stack

    try:
        return on_big_stack(lambda: _analyse(source, settings))
    except RecursionError:
        raise _too_deep(source) from None


def _parse(source: Source) -> ast.Module:
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
            where = f"line {error.lineno}: " if error.lineno else ""
            raise AnalysisError(
                f"{source.name}: {where}syntax error, {error.msg}; correct it or exclude the file"
            ) from None
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
    import libcst as cst

    from dropout_lint.linting.checking import diagnose
    from dropout_lint.semantics.model import SemanticModel
    from dropout_lint.semantics.syntax.tree import Unreadable

    try:
        model = SemanticModel(source.text, settings.catalog, source.path)
    except cst.ParserSyntaxError as error:
        raise AnalysisError(
            f"{source.name}: line {error.raw_line}: Python reads this, but libcst, which "
            "dropout-lint is built on, does not; rewrite the line or exclude the file"
        ) from None
    except Unreadable:
        raise AnalysisError(
            f"{source.name}: Python reads this, but libcst, which dropout-lint is built on, does "
            "not; put spaces between keywords and brackets, or exclude the file"
        ) from None
    return diagnose(model, source, settings)


def chosen_fix(diagnostic: Diagnostic, unsafe: bool) -> Fix | None:
    """The fix to apply: the first one if unsafe fixes are allowed, else the first safe one."""
    offered = (diagnostic.fix, *diagnostic.alternatives)
    return next((fix for fix in offered if fix and (unsafe or fix.safety is Safety.SAFE)), None)


def fix(source: Source, settings: Settings) -> Fixed:
    """The result of fixing one file in memory, again and again until nothing changes.

    Raises AnalysisError if the file cannot be analysed.
    """
    report = lint(source, settings)
    if report.unfinished is not None or not _fixable(report, settings):
        return Fixed(report, source.text, refused=report.unfinished)
    if not source.round_trips:
        return Fixed(
            report,
            source.text,
            refused=f"{source.name}: {source.encoding} does not give the same bytes back, so "
            "nothing was fixed; save the file as UTF-8",
        )
    try:
        return _to_fixed_point(source, report, settings)
    except AnalysisError:
        return Fixed(
            report,
            source.text,
            refused=f"{source.name}: a fix would not parse, so the file was left as it is; "
            "please report this as a bug of dropout-lint",
        )


def _to_fixed_point(source: Source, report: Report, settings: Settings) -> Fixed:
    from dropout_lint.fixing.edits.apply import apply_fixes

    count: Counter[str] = Counter()
    current = source
    first = report
    for _ in range(_ROUNDS):
        applied = apply_fixes(current.text, _fixable(report, settings))
        if applied.text == current.text:
            return Fixed(report, current.text, count)
        count.update(diagnostic.code for diagnostic in applied.fixed)
        current = source.with_text(applied.text)
        report = lint(current, settings, _parse(current))
    return Fixed(
        first,
        source.text,
        refused=f"{source.name}: fixes leave something to fix without end, so the file was left as "
        "it was; please report this as a bug of dropout-lint",
    )


def _fixable(report: Report, settings: Settings) -> list[tuple[Diagnostic, Fix]]:
    """The findings with a fix to apply, each with that fix."""
    pairs = ((d, chosen_fix(d, settings.unsafe_fixes)) for d in report.diagnostics)
    return [(diagnostic, fix) for diagnostic, fix in pairs if fix is not None]
