"""The heart: what a drop does in train and in eval mode, form by form.

Each case is a program. The verdict is what its last site does in train and in eval mode: on, off,
or gated (somebody else decides).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support.cases import Case, cases

from dropout_lint.catalog import builtin
from dropout_lint.semantics.interpreter.guards import FREE, Cond, Guard, weakest
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.big_stack import on_big_stack

CASES = cases(Path(__file__).parent / "cases")
HEADER = """
import functools
import torch
import torch.nn.functional as F
from torch import nn


"""


def verdict(code: str) -> tuple[str, str]:
    """What the last site of the code does in train and in eval mode."""
    model = on_big_stack(lambda: SemanticModel(code, builtin()))
    sites = on_big_stack(lambda: model.sites)
    assert sites, "no site found"

    def word(training: bool) -> str:
        guards = sites[-1].active(training)
        return "off" if guards is None else "on" if guards == FREE else "gated"

    return word(True), word(False)


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_the_last_drop(case: Case) -> None:
    assert verdict(case.text) == case.modes


# By the folder of a case: what its drop does in eval mode.
IN_EVAL_MODE = {
    "follows_the_mode": {"off"},
    "always_on": {"on"},
    "somebody_elses_decision": {"gated"},
    "never": {"off"},
    "inverted": {"on"},
    "between_functions": {"on", "off", "gated"},
}


def test_every_case_does_what_its_folder_says() -> None:
    for name, case in CASES.items():
        assert case.modes is not None
        assert case.modes[1] in IN_EVAL_MODE[name.partition("/")[0]]


def test_conditions_compose_like_booleans() -> None:
    guard = Guard("caller", "training")
    guarded, free = frozenset({guard}), FREE
    unknown, mode = Cond(free, free), Cond(guarded, guarded)
    assert unknown & mode == Cond(guarded, free)
    assert unknown | mode == Cond(free, guarded)
    assert ~(unknown & mode) == Cond(free, guarded)
    assert weakest(None, guarded) == guarded
    assert weakest(guarded, free) == free
    assert weakest(None, None) is None


# Attributes that a class sets once, and what a drop behind them does in train and in eval mode. A
# switch with the name of a mode is there for who uses the model and writes `net.train = False`.
SWITCHES = {
    "self.train = True": ("self.train", "gated", "gated"),
    "self.is_train = True": ("self.is_train", "gated", "gated"),
    "self.testing = False": ("not self.testing", "gated", "gated"),
    'self.mode = "train"': ('self.mode == "train"', "gated", "gated"),
    "self.on = True": ("self.on", "on", "on"),
    "self.training = True": ("self.training", "on", "off"),
    "self.train_rate = 0.0": ("self.train_rate", "off", "off"),
}


@pytest.mark.parametrize("setting", SWITCHES)
@pytest.mark.parametrize("place", ["constructor", "class"])
def test_a_switch_is_somebody_elses_decision(setting: str, place: str) -> None:
    asked, *expected = SWITCHES[setting]
    constructor = f"def __init__(self):\n        super().__init__()\n        {setting}"
    write = setting.removeprefix("self.") if place == "class" else constructor
    if write == "training = True":
        write = constructor  # `nn.Module` sets it on the instance
    code = f"""
class Net(nn.Module):
    {write}

    def forward(self, x):
        return F.dropout(x, 0.5, training={asked})
"""
    assert list(verdict(HEADER + code)) == expected
