"""The result of running a function in one mode: its calls, its writes and its exit state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import libcst as cst

from dropout_lint.semantics.interpreter.arguments import Argument
from dropout_lint.semantics.interpreter.contrast import Comparison, Record
from dropout_lint.semantics.interpreter.guards import Guards
from dropout_lint.semantics.interpreter.values import NONE, Atom, Local, Method, Value
from dropout_lint.semantics.syntax.functions import FunctionInfo


@dataclass(frozen=True)
class Called:
    """A call with the values of its arguments and the guards in front of it.

    ``sole`` is False where the callee is one of several alternatives, ``entry`` the element of a
    container that the callee is, if it is one.
    """

    node: cst.Call
    callee: Atom
    arguments: tuple[Argument, ...]
    guards: Guards
    sole: bool = True
    entry: cst.CSTNode | None = None


@dataclass(frozen=True)
class Written:
    """An assignment to an attribute of ``self`` with its value and the guards in front of it."""

    target: cst.Attribute
    statement: cst.CSTNode
    value: Value
    guards: Guards


def any_returned(values: Sequence[Value]) -> Value:
    """The result of a function that returns one of the values, or None if it has no ``return``."""
    return Value.join(values) if values else NONE


class Run:
    """What a function does in one mode. `TrainRun` and `EvalRun` are the two kinds."""

    training: ClassVar[bool]

    def __init__(self, function: FunctionInfo, contrast: Record | Comparison) -> None:
        self.function = function
        self.contrast = contrast
        self.calls: list[Called] = []
        self.written: list[Written] = []
        self.returns: list[Value] = []
        self.raises = False  # whether every path ends with an exception
        self.exit_state: dict[str, Value] = {}  # the attributes of self where it returns
        self.read: dict[str, Guards] = {}  # the attributes of self that it reads, with guards
        self.inlined: set[cst.Call] = set()  # the calls of functions of its own, run where called
        self._calls_indexed = 0
        self._calls_at: dict[cst.CSTNode, int] = {}
        self._calls_of: dict[cst.CSTNode | str, list[int]] = {}
        self.escaping: list[tuple[Atom, Guards]] = []  # functions that are used other than by calls

    def calls_of(self, function: FunctionInfo) -> list[Called]:
        """The calls so far of a function of the file, and of methods of its name."""
        self._index_calls()
        named = self._calls_of.get(function.name, []) if function.owner is not None else []
        return [self.calls[at] for at in sorted([*self._calls_of.get(function.node, ()), *named])]

    def first_call_at(self, node: cst.CSTNode) -> Called | None:
        """The first of the calls so far that were made at a node."""
        self._index_calls()
        at = self._calls_at.get(node)
        return self.calls[at] if at is not None else None

    def _index_calls(self) -> None:
        for at in range(self._calls_indexed, len(self.calls)):
            self._calls_at.setdefault(self.calls[at].node, at)
            callee = self.calls[at].callee
            if isinstance(callee, Local):
                self._calls_of.setdefault(callee.node, []).append(at)
            elif isinstance(callee, Method):
                self._calls_of.setdefault(callee.name, []).append(at)
        self._calls_indexed = len(self.calls)

    @property
    def returned(self) -> Value:
        return any_returned(self.returns)


class TrainRun(Run):
    """The run in train mode, which comes first."""

    training = True

    def __init__(self, function: FunctionInfo) -> None:
        self.record = Record()
        super().__init__(function, self.record)


class EvalRun(Run):
    """The run in eval mode, compared with the one in train mode if there is one."""

    training = False

    def __init__(self, function: FunctionInfo, train_run: TrainRun | None) -> None:
        compared = Comparison(train_run.record) if train_run is not None else Record()
        super().__init__(function, compared)
