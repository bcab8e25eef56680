"""The screen and the analysis agree, whatever stands beside the code and in whatever brackets."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.cases import Case, cases

from dropout_lint.config import Settings
from dropout_lint.linting.runner import check_text

CASES = cases(Path(__file__).parent / "cases" / "analysed_alike")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_findings(case: Case) -> None:
    report = check_text(case.text.encode(), "test.py", Settings(), "lint").report
    found = report.diagnostics if report is not None else ()
    assert [f"{d.code}:{d.location.row}" for d in found] == list(case.findings)
