"""Simple statements in one mode: assignments, and what ends a path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from dropout_lint.semantics.interpreter.evaluator import Evaluator
from dropout_lint.semantics.interpreter.guards import both
from dropout_lint.semantics.interpreter.operators import arithmetic, opaque, part_of_input
from dropout_lint.semantics.interpreter.run import Run, Written
from dropout_lint.semantics.interpreter.state import State
from dropout_lint.semantics.interpreter.surroundings import Surroundings
from dropout_lint.semantics.interpreter.values import (
    NONE,
    UNKNOWN,
    SelfObject,
    Value,
    depends,
)
from dropout_lint.semantics.syntax.tree import tail_of


@dataclass(eq=False)
class Loop:
    """The states at the ``break`` and ``continue`` statements of a loop."""

    breaks: list[State] = field(default_factory=list)
    continues: list[State] = field(default_factory=list)


class SimpleStatements(Evaluator):
    """Executes simple statements of one function; `Statements` adds the compound ones."""

    def __init__(self, surroundings: Surroundings, run: Run) -> None:
        function = run.function
        super().__init__(
            surroundings,
            function.scope,
            training=run.training,
            owner=function.owner,
            self_name=function.self_name,
            contrast=run.contrast,
        )
        self.run = run
        self.sets_mode = function.is_named_as_override
        self.building = False  # whether this is a constructor, for what runs later
        self.returns = run.returns  # what the function, or the nested one that runs, returns
        self.exits: list[State] = []  # the states where it returns
        self.abrupt = 0  # how often a path was found that leaves the function, or may
        self.loops: list[Loop] = []  # the loops around the statement, outermost first

    def simple(self, node: cst.CSTNode) -> None:
        """Execute a simple statement."""
        handler = _STATEMENTS.get(type(node))
        if handler is not None:
            handler(self, node)
        else:
            self.eval(node)

    def assign(self, node: cst.Assign) -> None:
        value = self.eval(node.value)
        for target in node.targets:
            taken = isinstance(target.target, cst.Name) and _takes_part(node.value)
            self._write(
                target.target,
                node,
                part_of_input(value, tail_of(target.target)) if taken else value,
            )

    def annotated(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self._write(node.target, node, self.eval(node.value))

    def augmented(self, node: cst.AugAssign) -> None:
        kind = _AUGMENTED.get(type(node.operator))
        before, right = self.eval(node.target), self.eval(node.value)
        value = arithmetic(kind, before, right) if kind else opaque(before, right)
        value = depends(value) if self.operand_differs else value
        self._write(node.target, node, value)

    def _write(self, target: cst.CSTNode, statement: cst.CSTNode, value: Value) -> None:
        if isinstance(target, cst.Attribute) and self.state.guards is not None:
            if isinstance(self.eval(target.value).only, SelfObject) and not self.building:
                self.run.written.append(Written(target, statement, value, self.state.guards))
        self.bind(target, value)

    def delete(self, node: cst.Del) -> None:
        if isinstance(node.target, cst.Name):
            self.state.env[node.target.value] = UNKNOWN

    def return_(self, node: cst.Return) -> None:
        value = self.eval(node.value) if node.value is not None else NONE
        if self.state.guards is not None:
            self.returns.append(value.behind(self.state.guards))
            self.exits.append(self.state.copy())
        self.leave()

    def raise_(self, node: cst.Raise) -> None:
        if node.exc is not None:
            self.eval(node.exc)
        self.leave()

    def leave(self) -> None:
        """End the path."""
        self.abrupt += 1
        self.state.guards = None

    def assert_(self, node: cst.Assert) -> None:
        self.abrupt += 1
        self.state.guards = both(self.state.guards, self.cond(node.test).when_true)
        self.state.zeros |= self.zeros_where(node.test, True)

    def break_(self, node: cst.Break) -> None:
        if self.loops:
            self.loops[-1].breaks.append(self.state.copy())
        self.state.guards = None

    def continue_(self, node: cst.Continue) -> None:
        if self.loops:
            self.loops[-1].continues.append(self.state.copy())
        self.state.guards = None

    def import_(self, node: cst.Import | cst.ImportFrom) -> None:
        """A local import: its names stand for what they would at module level."""
        for name, bindings in self.scope.bindings.items():
            if any(binding.node is node for binding in bindings):
                self.state.env[name] = self.surroundings.static(name, self.scope)

    def definition(self, node: cst.FunctionDef) -> None:
        for decorator in node.decorators:
            self.eval(decorator.decorator)
        self.state.env[node.name.value] = self.closure(node)

    def class_(self, node: cst.ClassDef) -> None:
        """A class in a function: its methods are functions of their own."""
        self.state.env[node.name.value] = UNKNOWN


def _takes_part(node: cst.CSTNode) -> bool:
    """``inputs[1]``, ``options.get("training", True)``."""
    if isinstance(node, cst.IfExp):
        return _takes_part(node.body) or _takes_part(node.orelse)
    if isinstance(node, cst.Call):
        return isinstance(node.func, cst.Attribute) and node.func.attr.value in _TAKING
    return isinstance(node, cst.Subscript)


# Methods of dictionaries and lists that return an element.
_TAKING = frozenset({"get", "pop", "setdefault", "popleft", "__getitem__"})
_AUGMENTED: dict[type, type] = {
    cst.AddAssign: cst.Add, cst.SubtractAssign: cst.Subtract, cst.MultiplyAssign: cst.Multiply,
    cst.DivideAssign: cst.Divide, cst.BitAndAssign: cst.BitAnd, cst.BitOrAssign: cst.BitOr,
}  # fmt: skip
_STATEMENTS: dict[type, Callable[[Any, Any], None]] = {
    cst.Assign: SimpleStatements.assign,
    cst.AnnAssign: SimpleStatements.annotated,
    cst.AugAssign: SimpleStatements.augmented,
    cst.Del: SimpleStatements.delete,
    cst.Return: SimpleStatements.return_,
    cst.Raise: SimpleStatements.raise_,
    cst.Assert: SimpleStatements.assert_,
    cst.Break: SimpleStatements.break_,
    cst.Continue: SimpleStatements.continue_,
    cst.Import: SimpleStatements.import_,
    cst.ImportFrom: SimpleStatements.import_,
    cst.FunctionDef: SimpleStatements.definition,
    cst.ClassDef: SimpleStatements.class_,
}
