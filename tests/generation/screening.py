"""The cheap first stages never lose a finding."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dropout_lint.catalog import builtin
from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.checking import diagnose
from dropout_lint.linting.pipeline import passes_screen
from dropout_lint.linting.report import GROUPS, Report
from dropout_lint.linting.runner import check_text
from dropout_lint.rules.base import all_rules
from dropout_lint.screen.text.lexical import Lexical
from dropout_lint.screen.tree.syntax import may_matter
from dropout_lint.semantics import model
from dropout_lint.semantics.syntax.big_stack import on_big_stack

_SCREEN = Lexical(builtin())
_EVERYTHING = Settings(select=("ALL",))
_DEFAULT = frozenset(rule.code for rule in all_rules() if rule.default)
# A rule that is off by default has to get past the screen by itself, not because another one does.
_OTHERS = {rule.code: Settings(select=(rule.code,)) for rule in all_rules() if not rule.default}


def failures(full: Report, screened: Report) -> Iterator[str]:
    """Where a file is dismissed, or reported otherwise, although the full analysis speaks.

    ``full`` is its report by all rules, ``screened`` the usual one by those on by default.
    """
    source, everything = full.source, _told(full)
    default = [each for each in everything if each[1] in _DEFAULT]
    data = source.data
    assert data is not None
    by_bytes = not _SCREEN.may_matter(data)
    by_tree = not may_matter(ast.parse(source.text), builtin())
    if default and by_bytes:
        yield f"the bytes are dismissed, {default} lost"
    if default and by_tree:
        yield f"the tree is dismissed, {default} lost"
    for code, settings in _OTHERS.items():
        lost = [each for each in everything if each[1] == code]
        if lost and (by_bytes or by_tree) and not passes_screen(data, settings):
            yield f"the file is dismissed where {code} is selected, {lost} lost"
    if _told(screened) != default:
        yield f"with the screen {_told(screened)}, without it {default}"
    selected = check_text(data, source.name, _EVERYTHING, "lint")
    said = _told(selected.report) if selected.report is not None else []
    if selected.error or said != everything:
        yield f"all rules: with the screen {selected.error or said}, without it {everything}"


def unscreened(source: Source) -> Report:
    """The report of the full analysis, by all rules."""
    return on_big_stack(
        lambda: diagnose(
            model.SemanticModel(source.text, builtin(), source.path), source, _EVERYTHING
        )
    )


def _told(report: Report) -> list[tuple[str, str, int, int]]:
    return [(group, d.code, d.start, d.end) for group in GROUPS for d in getattr(report, group)]
