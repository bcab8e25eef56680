"""The fixtures: what is found in them is exactly what they expect."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from support.linting import MODELS, SCRIPTS, by_default, expectations

from dropout_lint.config import Settings
from dropout_lint.linting.pipeline import lint
from dropout_lint.rules.base import all_rules

PATHS = [*MODELS, *SCRIPTS]
by_path = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@by_path
def test_every_expectation_is_met_exactly(path: Path) -> None:
    expected = expectations(path)
    report = lint(expected.source, Settings(select=("ALL",)))
    assert places(report.diagnostics) == expected.findings
    assert places(report.intentional) == expected.intentional


@pytest.mark.slow
@by_path
def test_rules_that_are_off_by_default_report_nothing_by_default(path: Path) -> None:
    expected = expectations(path)
    report = lint(expected.source, Settings())
    assert places(report.diagnostics) == by_default(expected.findings)
    assert places(report.intentional) == by_default(expected.intentional)


def places(diagnostics: Any) -> list[tuple[int, int, str]]:
    return sorted((d.location.row, d.location.column, d.code) for d in diagnostics)


@by_path
def test_every_fixture_can_be_run(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert ({"drive"} if path in SCRIPTS else {"build", "example_inputs"}) <= functions
    assert ast.get_docstring(tree)


def test_every_rule_has_a_fixture() -> None:
    for paths, about_callers in ((MODELS, False), (SCRIPTS, True)):
        found = {code for path in paths for _, _, code in expectations(path).findings}
        assert found == {rule.code for rule in all_rules() if rule.about_callers is about_callers}
