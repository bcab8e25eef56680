"""The cheap first stages never lose a finding."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dropout_lint.catalog import builtin
from dropout_lint.checking import diagnose
from dropout_lint.config import Settings
from dropout_lint.linter import lint
from dropout_lint.report import GROUPS, Report
from dropout_lint.screen.lexical import Lexical
from dropout_lint.screen.syntax import may_matter
from dropout_lint.semantics.deep import on_big_stack
from dropout_lint.semantics.model import Model
from dropout_lint.source import Source

_SCREEN = Lexical(builtin())
_EVERYTHING = Settings(select=("ALL",))


def failures(source: Source) -> Iterator[str]:
    """Where a file is dismissed, or reported otherwise, although the full analysis speaks."""
    full = unscreened(source)
    if not full.is_empty:
        assert source.data is not None
        if not _SCREEN.may_matter(source.data):
            yield f"the bytes are dismissed, {_told(full)} lost"
        if not may_matter(ast.parse(source.text), builtin()):
            yield f"the tree is dismissed, {_told(full)} lost"
    screened = lint(source, _EVERYTHING)
    if _told(screened) != _told(full):
        yield f"with the screen {_told(screened)}, without it {_told(full)}"


def unscreened(source: Source) -> Report:
    """The report of the full analysis."""
    return on_big_stack(
        lambda: diagnose(Model(source.text, builtin(), source.path), source, _EVERYTHING)
    )


def _told(report: Report) -> list[tuple[str, str, int, int]]:
    return [(group, d.code, d.start, d.end) for group in GROUPS for d in getattr(report, group)]
