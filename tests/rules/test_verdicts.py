"""The verdict on small models, and that executing them says the same.

Those in ``cases/silent`` draw nothing in eval mode and have no finding, those in ``cases/found``
draw in eval mode. Each defines ``Net``.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support.cases import Case, cases
from support.linting import fixed

from dropout_lint.catalog import builtin
from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.checking import diagnose
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.big_stack import on_big_stack

CASES = Path(__file__).parent / "cases"
SILENT, FOUND = cases(CASES / "silent"), cases(CASES / "found")
# DRP007 for what the method returns: the mode itself is set.
RETURNS_NONE = cases(CASES / "returns_none")
all_cases = pytest.mark.parametrize(
    "case", [*SILENT.values(), *FOUND.values()], ids=[*SILENT, *FOUND]
)


def findings(code: str) -> list[str]:
    report = on_big_stack(
        lambda: diagnose(SemanticModel(code, builtin()), Source("v.py", code), Settings())
    )
    return [f"{d.code}:{d.location.row}" for d in report.diagnostics]


def build(code: str) -> Any:
    module = ModuleType("verdict")
    exec(compile(code, "verdict.py", "exec"), module.__dict__)
    return module.Net()


@all_cases
def test_the_verdict(case: Case) -> None:
    assert findings(case.text) == [*case.findings]


def test_what_is_found_is_marked() -> None:
    assert all(case.findings for case in FOUND.values())
    assert not any(case.findings for case in SILENT.values())


@pytest.mark.models
@pytest.mark.parametrize("case", RETURNS_NONE.values(), ids=list(RETURNS_NONE))
def test_an_override_that_returns_none(case: Case) -> None:
    assert findings(case.text) == [*case.findings]
    cured = fixed(case.text)
    assert not findings(cured)
    pytest.importorskip("torch", reason="executing the models needs torch")
    for text, works in ((case.text, False), (cured, True)):
        model = build(text)
        assert (model.eval() is model) == works
        assert not model.training


@pytest.mark.models
@all_cases
def test_executing_says_the_same(case: Case) -> None:
    torch = pytest.importorskip("torch", reason="executing the models needs torch")
    model = build(case.text)
    model.eval()
    before = torch.get_rng_state()
    model(torch.ones(4, 8))
    assert torch.equal(before, torch.get_rng_state()) == (not case.findings)
