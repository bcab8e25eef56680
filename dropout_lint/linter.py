"""The pipeline: source, screen, semantics, rules, suppressions; and the loop of fixing."""

from __future__ import annotations

import ast
import gc
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dropout_lint.config import Settings
from dropout_lint.diagnostics import Diagnostic, Fix, Safety
from dropout_lint.report import Report
from dropout_lint.screen.syntax import may_matter
from dropout_lint.source import Source

_ROUNDS = 50
_MAX_BYTES = 8_000_000


class AnalysisError(Exception):
    """A file that cannot be analysed; the message is one sentence for the user."""


@dataclass(frozen=True)
class Fixed:
    """The outcome of fixing one file: the report of what is left, and what was fixed, by code."""

    report: Report
    text: str
    fixed: Counter[str] = field(default_factory=Counter)


def lint(source: Source, settings: Settings, tree: ast.Module | None = None) -> Report:
    """Lint one file. ``tree`` is its `ast`, where somebody has it already.

    Raises AnalysisError if the file cannot be analysed.
    """
    tree = tree or _parse(source)
    if not may_matter(tree, settings.catalog):
        return Report(source)
    from dropout_lint.semantics.deep import on_big_stack

    enabled = gc.isenabled()
    gc.disable()  # libcst builds millions of long-lived objects: a tenth of the time
    try:
        return on_big_stack(lambda: _analyse(source, settings))
    except RecursionError:
        raise AnalysisError(f"{source.name}: is nested too deeply to be analysed") from None
    finally:
        if enabled:
            gc.enable()


def _parse(source: Source) -> ast.Module:
    """This Python's own verdict on the file, and the shield of libcst's parser."""
    if len(source.text) > _MAX_BYTES:
        megabytes = _MAX_BYTES // 1_000_000
        raise AnalysisError(
            f"{source.name}: is larger than {megabytes} MB and was not analysed; exclude it"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source.text)
        except SyntaxError as error:
            where = f"line {error.lineno}: " if error.lineno else ""
            raise AnalysisError(f"{source.name}: {where}syntax error, {error.msg}") from None
        except ValueError as error:
            raise AnalysisError(f"{source.name}: is not Python, {error}") from None
        except (RecursionError, MemoryError):
            raise AnalysisError(f"{source.name}: is nested too deeply to be analysed") from None
    if any(isinstance(node, ast.Match) for node in ast.walk(tree)) and _nested_patterns(tree):
        raise AnalysisError(f"{source.name}: has match patterns nested too deeply to be analysed")
    return tree


def _nested_patterns(tree: ast.Module, limit: int = 10) -> bool:
    """Whether a ``match`` pattern is so deep that libcst's parser would take for ever."""
    stack: list[tuple[ast.AST, int]] = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        if depth > limit:
            return True
        for child in ast.iter_child_nodes(node):
            stack.append((child, depth + 1 if isinstance(child, ast.pattern) else 0))
    return False


def _analyse(source: Source, settings: Settings) -> Report:
    import libcst as cst

    from dropout_lint.checking import diagnose
    from dropout_lint.semantics.model import Model

    try:
        model = Model(source.text, settings.catalog)
    except cst.ParserSyntaxError as error:
        raise AnalysisError(
            f"{source.name}: line {error.raw_line}: libcst cannot parse this file"
        ) from None
    return diagnose(model, source, settings)


def chosen_fix(diagnostic: Diagnostic, unsafe: bool) -> Fix | None:
    """The fix to apply: the first one if unsafe fixes are wanted, else the first safe one."""
    offered = (diagnostic.fix, *diagnostic.alternatives)
    return next((fix for fix in offered if fix and (unsafe or fix.safety is Safety.SAFE)), None)


def fix(source: Source, settings: Settings) -> Fixed:
    """Fix one file in memory, to a fixed point.

    Raises AnalysisError if the file cannot be analysed, or if a fix would not parse.
    """
    from dropout_lint.fixing.apply import apply_fixes, parses

    count: Counter[str] = Counter()
    current = source
    report = lint(source, settings)
    for _ in range(_ROUNDS):
        wanted = _fixable(report.diagnostics, settings.unsafe_fixes)
        if not wanted or not source.round_trips:
            break
        applied = apply_fixes(current.text, wanted)
        if applied.text == current.text:
            break
        if not parses(applied.text):
            raise AnalysisError(
                f"{source.name}: a fix would not parse, so the file was left as it is; "
                "please report this as a bug of dropout-lint"
            )
        count.update(diagnostic.code for diagnostic in applied.fixed)
        current = replace(current, text=applied.text)
        current = Source(source.name, applied.text, source.encoding, source.bom)
        report = lint(current, settings)
    return Fixed(report, current.text, count)


def _fixable(diagnostics: Sequence[Diagnostic], unsafe: bool) -> list[tuple[Diagnostic, Fix]]:
    pairs = ((diagnostic, chosen_fix(diagnostic, unsafe)) for diagnostic in diagnostics)
    return [(diagnostic, fix) for diagnostic, fix in pairs if fix is not None]
