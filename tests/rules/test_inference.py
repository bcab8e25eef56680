"""Methods for inference that leave the module in another mode, and that executing says the same."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support.cases import Case, cases
from support.linting import fixed, run

CASES = cases(Path(__file__).parent / "cases" / "inference")
each = pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))


def build(code: str) -> Any:
    module = ModuleType("inference")
    exec(compile(code, "inference.py", "exec"), module.__dict__)
    return module.Net()


@each
def test_what_is_found(case: Case) -> None:
    found = run(case.text).diagnostics
    assert [f"{d.code}:{d.location.row}" for d in found] == [*case.findings]


@pytest.mark.models
@each
def test_executing_says_the_same(case: Case) -> None:
    torch = pytest.importorskip("torch", reason="executing the models needs torch")
    model = build(case.text).eval()
    model.generate(torch.ones(2, 8))
    stays = not any(module.training for module in model.modules())
    assert stays == (not case.findings)


@pytest.mark.models
@pytest.mark.parametrize("training", [True, False])
@each
def test_the_unsafe_fix_gives_the_mode_back(case: Case, training: bool) -> None:
    torch = pytest.importorskip("torch", reason="executing the models needs torch")
    model = build(fixed(case.text, unsafe_fixes=True)).train(training)
    model.generate(torch.ones(2, 8))
    assert model.drop.training == training or not case.findings
