"""The rules about the mode that callers choose, on small scripts in ``cases/callers``.

Each script is linted whole and by way of the screen.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support.cases import Case, cases

from dropout_lint.catalog import builtin
from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.checking import diagnose
from dropout_lint.linting.runner import check_text
from dropout_lint.rules.base import all_rules
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.big_stack import on_big_stack

CASES = cases(Path(__file__).parent / "cases" / "callers")
RULES = tuple(rule.code for rule in all_rules() if rule.about_callers and rule.default)
by_case = pytest.mark.parametrize("case", CASES.values(), ids=[*CASES])


@by_case
def test_the_verdict(case: Case) -> None:
    settings = Settings(select=RULES)
    source = Source("script.py", case.text)
    report = on_big_stack(lambda: diagnose(SemanticModel(case.text, builtin()), source, settings))
    assert [f"{d.code}:{d.location.row}" for d in report.diagnostics] == [*case.findings]


@by_case
def test_the_screen_loses_nothing(case: Case) -> None:
    report = check_text(case.text.encode(), "script.py", Settings(), "lint").report
    found = report.diagnostics if report is not None else ()
    assert [f"{d.code}:{d.location.row}" for d in found if d.code in RULES] == [*case.findings]
