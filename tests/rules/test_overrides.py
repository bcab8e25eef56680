"""Overrides of ``train`` and ``eval``: what is said of them, and that executing them says the same.

``Net`` has the children ``body`` and ``head`` with dropout. The first line of a broken one is the
consequence that the message ends with.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support.cases import projects, texts, texts_of
from support.linting import fixed, run

CASES = Path(__file__).parent / "cases" / "overrides"
BROKEN = {
    name: (text.removeprefix("# ").partition("\n")[0], text)
    for name, text in texts(CASES / "broken").items()
}
RIGHT = texts(CASES / "right")
FIXED = {name: texts_of(CASES / "fixed" / name) for name in projects(CASES / "fixed")}
KEPT = texts(CASES / "kept")

broken = pytest.mark.parametrize(("consequence", "code"), BROKEN.values(), ids=list(BROKEN))
right = pytest.mark.parametrize("code", RIGHT.values(), ids=list(RIGHT))


def build(code: str) -> Any:
    module = ModuleType("overrides")
    exec(compile(code, "overrides.py", "exec"), module.__dict__)
    return module.Net()


@broken
def test_what_is_said(consequence: str, code: str) -> None:
    found = run(code).diagnostics
    assert [d.code for d in found] == ["DRP007"]
    assert found[0].message.partition(": ")[2] == consequence


@right
def test_what_is_right(code: str) -> None:
    assert not run(code).diagnostics


@pytest.mark.models
@broken
def test_executing_says_what_is_said(consequence: str, code: str) -> None:
    pytest.importorskip("torch", reason="executing the models needs torch")
    model = build(code)
    if "raises TypeError" in consequence:
        with pytest.raises(TypeError):
            model.eval()
        return
    if consequence == "`eval()` returns None":
        outcomes = [model.eval()]
        model.option = True
        assert None in [*outcomes, model.eval()]
        return
    returned = model.eval()
    assert returned is None or "returns None" not in consequence
    assert model.calls or "starts to train" not in consequence
    assert model.training or "leaves dropout on" not in consequence
    training = {name for name in ("body", "head") if getattr(model, name).training}
    assert training >= set(re.findall(r"`(\w+)`", consequence.partition("leaves ")[2]))


@pytest.mark.models
@right
def test_executing_says_that_it_is_right(code: str) -> None:
    nn = pytest.importorskip("torch", reason="executing the models needs torch").nn
    model = build(code)
    assert model.eval() is model
    assert not model.training
    assert not any(m.training for m in model.modules() if isinstance(m, nn.Dropout))


@pytest.mark.parametrize("versions", FIXED.values(), ids=list(FIXED))
def test_return_self_is_a_cure(versions: dict[str, str]) -> None:
    assert fixed(versions["before.py"]) == versions["after.py"]
    assert not run(versions["after.py"]).diagnostics


@pytest.mark.parametrize("code", KEPT.values(), ids=list(KEPT))
def test_return_self_is_not_offered_where_it_is_no_cure(code: str) -> None:
    assert [d.fix for d in run(code).diagnostics] in ([], [None])
    assert fixed(code) == code
