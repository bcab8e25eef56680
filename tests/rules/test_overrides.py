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
    nn = pytest.importorskip("torch", reason="executing the models needs torch").nn
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
    if consequence.startswith("a parent's"):
        nn.Sequential(model).eval()
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


# --- other classes than Net -----------------------------------------------------------------------

LAYER = """\
from torch import nn


class Merged(nn.Linear):
    def __init__(self):
        super().__init__(4, 4)
        self.merged = False

    def eval(self):
        super().eval()
        self.merged = True
        return self


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = Merged()
"""
# What makes of the method that a parent calls all that `eval()` does.
TOLD = """\

    def train(self, mode=True):
        self.merged = not mode
        return super().train(mode)
"""
HIDING = {
    "a constant": ("self.train = True", "`train` hides nn.Module's method: "),
    "a number": ("self.eval = 0", "`eval` hides nn.Module's method: "),
    "a parameter": ("self.train = train", "`train` hides nn.Module's method: "),
    "a negation": ("self.train = not train", "`train` hides nn.Module's method: "),
}
NOT_HIDING = (
    "self.train = partial(self.train)",
    "self.train = self._train",
    "self.train = callback",
    "self.train_set = True",
)


def test_what_eval_of_a_layer_does_is_never_called() -> None:
    found = run(LAYER).diagnostics
    assert [(d.code, d.location.row) for d in found] == [("DRP007", 9)]
    assert found[0].message.endswith("a parent's `eval()` never calls it")
    assert not run(LAYER.replace("\n\nclass Net", TOLD + "\n\nclass Net")).diagnostics


def test_what_eval_of_a_model_does_is_called() -> None:
    assert not run(
        LAYER.replace("nn.Linear", "nn.Module").partition("\n\nclass Net")[0]
    ).diagnostics


@pytest.mark.models
def test_executing_says_that_it_is_never_called() -> None:
    pytest.importorskip("torch", reason="executing the models needs torch")
    assert not build(LAYER).eval().layer.merged
    assert build(LAYER.replace("\n\nclass Net", TOLD + "\n\nclass Net")).eval().layer.merged


def hiding(statement: str) -> str:
    return (
        "from torch import nn\n\n\nclass Net(nn.Module):\n"
        "    def __init__(self, train=True, callback=None):\n"
        f"        super().__init__()\n        {statement}\n"
    )


@pytest.mark.parametrize(("statement", "words"), HIDING.values(), ids=list(HIDING))
def test_an_attribute_that_hides_the_method(statement: str, words: str) -> None:
    found = run(hiding(statement)).diagnostics
    assert [(d.code, d.location.row) for d in found] == [("DRP007", 7)]
    assert found[0].message.startswith(words)


@pytest.mark.models
@pytest.mark.parametrize(("statement", "words"), HIDING.values(), ids=list(HIDING))
def test_executing_says_that_it_hides_the_method(statement: str, words: str) -> None:
    pytest.importorskip("torch", reason="executing the models needs torch")
    with pytest.raises(TypeError):
        build(hiding(statement)).eval()


@pytest.mark.parametrize("statement", NOT_HIDING)
def test_an_attribute_that_may_be_called(statement: str) -> None:
    assert not run(hiding(statement)).diagnostics


OWN_TRAINING = {
    "a property": "@property\ndef training(self):\n    return self._mode",
    "an attribute of the class": "training = True",
    "an attribute of its own": "def __init__(self):\n    self.training = True",
}


@pytest.mark.parametrize("member", OWN_TRAINING.values(), ids=list(OWN_TRAINING))
def test_a_class_with_a_mode_of_its_own_is_no_module(member: str) -> None:
    code = (
        "import torch\nfrom robots import Step\n\n\nclass Encode(Step):\n"
        + re.sub(r"^(?=.)", "    ", member, flags=re.MULTILINE)
        + "\n\n    def train(self, mode=True):\n        self._mode = mode\n\n"
        "    def __call__(self, x):\n        return torch.flip(x, (0,)) if self.training else x\n"
    )
    assert not run(code).diagnostics


def test_a_child_that_stays_on_by_its_name_is_documented() -> None:
    code = (CASES / "broken" / "a_child_is_forced.py").read_text()
    report = run(code.replace("class Net", "class MCDropoutNet"))
    assert not report.diagnostics
    assert [d.code for d in report.intentional] == ["DRP007"]
