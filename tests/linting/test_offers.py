"""A fix is offered only where it removes its finding; one that does not parse costs no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.cases import Case, cases
from support.linting import fixed, run

from dropout_lint.config import Settings
from dropout_lint.linting.runner import check_text

CASES = cases(Path(__file__).parent / "cases" / "offers")
CONTINUED = """\
import torch.nn.functional as F
from torch import nn


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)\\

    def forward(self, x):
        return F.dropout(x, 0.2)


class Tail(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, x):
        return F.dropout(x, 0.2)
"""


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_fix_that_would_leave_its_finding_is_not_offered(case: Case, unsafe: bool) -> None:
    settings = Settings(unsafe_fixes=unsafe)
    linted = check_text(case.text.encode(), "test.py", settings, "lint")
    assert linted.report is not None
    found = linted.report.diagnostics
    assert [f"{d.code}:{d.location.row}" for d in found] == list(case.findings)
    assert [d.fix for d in found] == [None] * len(found)
    outcome = check_text(case.text.encode(), "test.py", settings, "fix")
    assert (outcome.error, dict(outcome.fixed), outcome.after) == (None, {}, b"")


def test_fix_that_does_not_parse_gives_way_to_the_other_form() -> None:
    text = fixed(CONTINUED)
    head, _, tail = text.partition("class Tail")
    assert "return F.dropout(x, 0.2, training=self.training)" in head
    assert "return self.dropout(x)" in tail
    assert run(text).is_empty
