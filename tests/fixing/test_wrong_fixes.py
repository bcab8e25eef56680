"""Models on which an obvious fix is wrong: what is fixed unasked still does the same.

They lie in ``cases/``, by what is special about them. ``make`` builds a model where ``Net()`` would
not do; ``drive`` calls it where more than a call is needed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from rules.test_rules import comments
from support.cases import texts

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import fix

torch = pytest.importorskip("torch", reason="executing the models needs torch")
pytestmark = pytest.mark.models

STYLES = ("module", "flag")
CASES = Path(__file__).parent / "cases"
MODELS = texts(CASES / "models")
KEPT = texts(CASES / "kept")  # only looks like one of them
THREADED = texts(CASES / "threaded")


def safely_fixed(code: str, style: str) -> str:
    return fix(Source("m.py", code), Settings(fix_style=style)).text


class Executed:
    """Two calls of a model in one mode: all that somebody could see of them."""

    def __init__(self, code: str, training: bool) -> None:
        self.error = ""
        self.outputs: list[str] = []
        self.inputs: list[str] = []
        torch.manual_seed(0)
        try:
            self._run(load(code), training)
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}"

    def _run(self, module: Any, training: bool) -> None:
        model = module.make() if hasattr(module, "make") else module.Net()
        self.keys = list(model.state_dict())
        self.built = torch.get_rng_state().tolist()
        model.train(training)
        torch.manual_seed(1)
        x = torch.randn(4, 8)
        before = torch.get_rng_state().tolist()
        for _ in range(2):
            given = x.clone()
            output = module.drive(model, given) if hasattr(module, "drive") else model(given)
            self.outputs.append(str(output))
            self.inputs.append(str(given))
        self.after = torch.get_rng_state().tolist()
        self.draws = self.after != before


def load(code: str) -> ModuleType:
    module = ModuleType("m")
    sys.modules["m"] = module
    exec(compile(code, "m.py", "exec"), module.__dict__)
    return module


def assert_same_behaviour(code: str, fixed: str) -> None:
    one, other = Executed(code, True), Executed(fixed, True)
    assert vars(one) == vars(other), "train mode"
    one, other = Executed(code, False), Executed(fixed, False)
    assert other.error == one.error, "eval mode"
    if one.error:
        return
    assert other.inputs == one.inputs, "the input is changed in eval mode"
    assert other.keys == one.keys
    assert not other.draws, "eval mode still draws"
    if not one.draws:
        assert other.outputs == one.outputs, "the output is another in eval mode"


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", MODELS)
def test_a_fix_that_would_break_the_model_is_not_made(name: str, style: str) -> None:
    code = MODELS[name]
    fixed = safely_fixed(code, style)
    assert set(comments(code)) <= set(comments(fixed)), "a comment is lost"
    if fixed != code:
        assert_same_behaviour(code, fixed)


@pytest.mark.parametrize("name", KEPT)
def test_what_only_looks_like_it_keeps_its_module(name: str) -> None:
    code = KEPT[name]
    fixed = safely_fixed(code, "module")
    assert "F.dropout(" not in fixed and "Dropout(" in fixed
    assert_same_behaviour(code, fixed)


@pytest.mark.parametrize("name", THREADED)
def test_a_mode_that_is_threaded_through_functions_reaches_the_drop(name: str) -> None:
    code = THREADED[name]
    fixed = fix(Source("m.py", code), Settings(unsafe_fixes=True)).text
    assert fixed.count("training=True") == code.count("def ") - 1
    assert_same_behaviour(code, fixed)


def test_fixes_that_end_at_one_place_wait_for_each_other() -> None:
    code = """import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = lambda x: F.dropout(x, 0.5)
        self.table = {"a": nn.Dropout(0.1)}

    def forward(self, x):
        return self.table["a"](self.act(x))
"""
    after = fix(Source("m.py", code), Settings(unsafe_fixes=True))
    assert after.refused is None
    assert after.report.is_empty
