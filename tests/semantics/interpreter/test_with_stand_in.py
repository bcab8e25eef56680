"""The interpreter runs one function with any surroundings: here, some that know nothing."""

from __future__ import annotations

import textwrap

import pytest

from dropout_lint.catalog import builtin
from dropout_lint.semantics.budget import Steps
from dropout_lint.semantics.interpreter.execution import execute
from dropout_lint.semantics.interpreter.guards import FREE, MODE, Guard, Guards
from dropout_lint.semantics.interpreter.run import EvalRun, Run, TrainRun
from dropout_lint.semantics.interpreter.surroundings import BuiltModule, MadeFunction
from dropout_lint.semantics.interpreter.values import (
    UNKNOWN,
    Atom,
    Attribute,
    Const,
    Ref,
    Value,
)
from dropout_lint.semantics.project.project import Project
from dropout_lint.semantics.syntax.classes import Classes, ClassInfo
from dropout_lint.semantics.syntax.functions import FunctionInfo, Functions
from dropout_lint.semantics.syntax.names import Names, Scope
from dropout_lint.semantics.syntax.tree import Tree


class StandIn:
    """A file with no project: names stand for themselves, attributes and results are unknown."""

    def __init__(self, text: str) -> None:
        self.catalog, tree, self.steps = builtin(), Tree(text), Steps()
        names = Names(tree, Project(None, self.catalog))
        self.functions = Functions(tree, names, Classes(names, frozenset()))

    def catalog_name(self, name: str) -> str:
        return name

    def static(self, name: str, scope: Scope) -> Value:
        return Value.of(Ref(name))

    def attribute(self, owner: ClassInfo, name: str, training: bool) -> Value:
        return Value.of(Attribute(f"self.{name}"))

    def knows_mode(self, function: FunctionInfo) -> bool:
        return False

    def alone(self, function: FunctionInfo, training: bool) -> Run:
        raise NotImplementedError

    def built(self, callee: Atom, training: bool, caller: FunctionInfo) -> BuiltModule | None:
        return None

    def made(self, callee: Atom) -> MadeFunction | None:
        return None

    def guards_of_reads(self, owner: ClassInfo, name: str, training: bool) -> Guards | None:
        return FREE

    def zeros_where(self, owner: ClassInfo, name: str, holds: bool) -> frozenset[str]:
        return frozenset()


def runs_of(body: str) -> tuple[TrainRun, EvalRun]:
    """Both runs of a ``forward`` with this body."""
    head = "import torch\nclass Net(torch.nn.Module):\n    def forward(self, x, flag=None):\n"
    stand_in = StandIn(head + textwrap.indent(textwrap.dedent(body).strip(), " " * 8) + "\n")
    (function,) = stand_in.functions
    trained = execute(stand_in, TrainRun(function), {}, FREE)
    return trained, execute(stand_in, EvalRun(function, trained), {}, FREE)


def reach(run: Run, name: str = "drop") -> list[Guards]:
    """The guards in front of the calls of a name; none where it is not called."""
    return [called.guards for called in run.calls if called.callee == Ref(name)]


GUARD = """
    if self.training:
        x = drop(x)
    return x
"""
LOCAL_FLAG = """
    on = self.training and flag is not None
    if on:
        x = drop(x)
    return x
"""
EARLY_RETURN = """
    if not self.training:
        return x
    return drop(x)
"""
ASSERTED = """
    assert self.training
    return drop(x)
"""


@pytest.mark.parametrize("body", [GUARD, LOCAL_FLAG, EARLY_RETURN, ASSERTED])
def test_a_call_that_eval_mode_does_not_reach(body: str) -> None:
    trained, run = runs_of(body)
    assert reach(trained) == [FREE]
    assert reach(run) == []


def test_a_parameter_guards() -> None:
    trained, run = runs_of("if self.training or flag == 'train':\n    drop(x)")
    assert reach(trained) == [FREE]
    assert reach(run) == [MODE | {Guard("flag", "flag == 'train'")}]


def test_a_line_behind_a_branch_has_no_guard_of_it() -> None:
    _, run = runs_of("if flag == 'train':\n    x = other(x)\ndrop(x)")
    assert reach(run, "other") == [frozenset({Guard("flag", "flag == 'train'")})]
    assert reach(run) == [FREE]


def test_a_conditional_rate() -> None:
    trained, run = runs_of("return drop(x, 0.5 if self.training else 0.0)")
    rates = [each.calls[0].arguments[1].value for each in (trained, run)]
    assert rates == [Value.of(Const(0.5)), Value.of(Const(0.0))]


def test_a_rate_that_cannot_be_computed_depends_on_the_mode() -> None:
    _, run = runs_of("return drop(x, round(self.training * 0.5, 2))")
    assert run.calls[-1].arguments[1].value.mentions == MODE


def test_an_eval_run_with_no_run_in_train_mode_compares_nothing() -> None:
    trained, _ = runs_of("return drop(x, round(self.training * 0.5, 2))")
    stand_in = StandIn("def other(x):\n    return x\n")
    run = execute(stand_in, EvalRun(trained.function, None), {}, FREE)
    assert run.calls[-1].arguments[1].value == UNKNOWN


def test_writes_and_the_exit_state() -> None:
    trained, run = runs_of("if not self.training:\n    self.rate = 0.0\nreturn x")
    assert [written.value for written in run.written] == [Value.of(Const(0.0))]
    assert trained.written == []
    assert run.exit_state == {"self.rate": Value.of(Const(0.0))}


def test_a_function_that_raises_in_one_mode() -> None:
    trained, run = runs_of("if self.training:\n    raise ValueError\nreturn x")
    assert trained.raises
    assert not run.raises


def test_a_receiver_is_evaluated_once() -> None:
    _, run = runs_of("return drop(x).float().abs().sum(0).mean()")
    assert len(reach(run)) == 1
