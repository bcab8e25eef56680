"""The pipeline: source, screen, semantics, rules, suppressions; and the loop of fixing."""

from __future__ import annotations

import ast
import gc
import re
import warnings
from collections import Counter
from dataclasses import dataclass, field

from dropout_lint.config import Settings
from dropout_lint.diagnostics import Diagnostic, Fix, Safety
from dropout_lint.files.source import Source
from dropout_lint.linting.report import Report
from dropout_lint.linting.selection import passes_screen, rules_beyond_screen

_ROUNDS = 50
_MAX_SIZE = 8_000_000
_BRACKETS = re.compile(rb"[(\[{]|[)\]}]")
# What libcst 1.9 parses in a few seconds at most: a thousand levels; brackets in a pattern, each of
# which takes it two to four times as long; operands of an `and` (a million are a SIGSEGV).
_MAX_DEPTH = 1000
_MAX_BRACKETS = 8
_MAX_OPERANDS = 10_000


class AnalysisError(Exception):
    """A file that cannot be analysed; the message is one sentence for the user."""


@dataclass(frozen=True)
class Fixed:
    """The outcome of fixing one file: what is left, and what was fixed, by code.

    ``refused`` is a sentence for the user where the file could not be fixed and is unchanged.
    """

    report: Report
    text: str
    fixed: Counter[str] = field(default_factory=Counter)
    refused: str | None = None


def lint(source: Source, settings: Settings, tree: ast.Module | None = None) -> Report:
    """Lint one file. ``tree`` is its `ast`, where somebody has it already.

    Raises AnalysisError if the file cannot be analysed.
    """
    if len(source.text) > _MAX_SIZE:
        raise AnalysisError(f"{source.name}: is larger than {_MAX_SIZE // 10**6} MB; exclude it")
    enabled = gc.isenabled()
    gc.disable()  # parsers build millions of long-lived objects: a collector that looks at them
    try:  # again and again takes half of the time of `ast.parse`
        return _look(source, settings, tree)
    finally:
        if enabled:
            gc.enable()


def _look(source: Source, settings: Settings, tree: ast.Module | None) -> Report:
    from dropout_lint.screen.tree.syntax import may_matter

    tree = tree or _parse(source)
    beyond = rules_beyond_screen(settings)
    data = source.text.encode("utf-8", "surrogatepass") if beyond else b""
    if not (passes_screen(data, settings) or may_matter(tree, settings.catalog)):
        return Report(source)
    if _is_too_deep(tree, source):
        raise _too_deep(source)
    from dropout_lint.semantics.syntax.big_stack import on_big_stack

    try:
        return on_big_stack(lambda: _analyse(source, settings))
    except RecursionError:
        raise _too_deep(source) from None


def _parse(source: Source) -> ast.Module:
    """This Python's own verdict on the file, and the shield of libcst's parser."""
    if "\0" in source.text:  # versions of Python say different things about it
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


def _is_too_deep(tree: ast.Module, source: Source) -> bool:
    """Whether libcst's parser would crash on the file or take for ever.

    `ast` refuses most of these files itself, but where it draws the line depends on the version of
    Python.
    """
    level: list[ast.AST] = [tree]
    depth = 0
    while level and depth <= _MAX_DEPTH:
        depth += 1
        below: list[object] = []
        for node in level:
            if isinstance(node, ast.BoolOp) and len(node.values) > _MAX_OPERANDS:
                return True
            if isinstance(node, ast.Match) and _has_deep_pattern(node, source):
                return True
            for name in node._fields:  # other tools hang more on it: pyflakes the node above
                value = getattr(node, name, None)
                if isinstance(value, list):
                    below += value
                else:
                    below.append(value)
        level = [node for node in below if isinstance(node, ast.AST)]
    return depth > _MAX_DEPTH


def _has_deep_pattern(match: ast.Match, source: Source) -> bool:
    """Whether a pattern is deep in brackets; redundant ones count, which `ast` does not show."""
    before: ast.expr | ast.stmt = match.subject
    for case in match.cases:
        depth = 0
        for bracket in _BRACKETS.findall(_between(source, before, case.guard or case.body[0])):
            depth += 1 if bracket in b"([{" else -1
            if depth > _MAX_BRACKETS:
                return True
        before = case.body[-1]
    return False


def _between(source: Source, one: ast.expr | ast.stmt, other: ast.expr | ast.stmt) -> bytes:
    """The text between two nodes, as the UTF-8 that `ast` counts its columns in."""
    first, last = one.end_lineno or one.lineno, other.lineno
    rows = [source.line(row).encode("utf-8", "surrogatepass") for row in range(first, last + 1)]
    rows[-1] = rows[-1][: other.col_offset]
    rows[0] = rows[0][one.end_col_offset :]
    return b"\n".join(rows)


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
    """The fix to apply: the first one if unsafe fixes are wanted, else the first safe one."""
    offered = (diagnostic.fix, *diagnostic.alternatives)
    return next((fix for fix in offered if fix and (unsafe or fix.safety is Safety.SAFE)), None)


def fix(source: Source, settings: Settings) -> Fixed:
    """Fix one file in memory, to a fixed point.

    Raises AnalysisError if the file cannot be analysed.
    """
    report = lint(source, settings)
    if not _fixable(report, settings):
        return Fixed(report, source.text)
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
    pairs = ((found, chosen_fix(found, settings.unsafe_fixes)) for found in report.diagnostics)
    return [(found, fix) for found, fix in pairs if fix is not None]
