"""One execution of a unit in one mode: entering it, nested functions, calls of the file's own.

A `Run` executes one unit with ``self.training`` fixed and records every call and every write to
``self`` that it meets, with the gates in front of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from dropout_lint.semantics.facts.sites import Argument
from dropout_lint.semantics.interpreter.contrast import Contrast
from dropout_lint.semantics.interpreter.operators import opaque
from dropout_lint.semantics.interpreter.state import State, as_data
from dropout_lint.semantics.interpreter.statements import Statements
from dropout_lint.semantics.interpreter.values import (
    FREE,
    UNKNOWN,
    Atom,
    Const,
    Gates,
    Instance,
    Local,
    Method,
    Parameter,
    SelfObject,
    Value,
    both,
    depends,
    weakest,
)
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import Unit
from dropout_lint.semantics.syntax.names import parameters_of, placed_parameters
from dropout_lint.semantics.syntax.tree import walk

if TYPE_CHECKING:
    from dropout_lint.semantics.model import Model

_INLINE_DEPTH = 4
_MOST_ENTERED = 1000


@dataclass(frozen=True)
class Called:
    """A call as it was met: what was called with which arguments, behind which gates."""

    node: cst.Call
    callee: Atom
    arguments: tuple[Argument, ...]
    gates: Gates
    sole: bool = True


@dataclass(eq=False)
class _Closure:
    node: cst.FunctionDef | cst.Lambda
    state: State
    defaults: dict[str, Value]
    called: bool = False


class Run(Statements):
    """One execution of a unit in one mode."""

    def __init__(
        self,
        model: Model,
        unit: Unit,
        training: bool,
        entry: Mapping[str, Value],
        gates: Gates | None,
        other: Run | None = None,
    ) -> None:
        super().__init__(model, unit.scope, training, unit.owner, unit.self_name)
        self.unit = unit
        self.contrast = Contrast(other.contrast if other is not None else None)
        self.sets_mode = unit.is_named_as_override
        self.calls: list[Called] = []
        self.raises = False  # whether it never comes to an end but by an exception
        self.left: dict[str, Value] = {}  # what it leaves on self
        self.read: dict[str, Gates] = {}  # attributes of self, and behind which gates
        # Functions of the file that are not called but handed on, and behind which gates.
        self.handed: list[tuple[Atom, Gates]] = []
        self._closures: dict[int, _Closure] = {}
        self._depth = 0
        self._entered = 0
        # A constructor runs in train mode, but what escapes it (a lambda kept on self) runs later.
        self.building = not training and gates is None and model.units.serves_building(unit)
        self.state = State(self._entry_env(entry), FREE if self.building else gates)

    def _entry_env(self, entry: Mapping[str, Value]) -> dict[str, Value]:
        env = {}
        for parameter in parameters_of(self.unit.node):
            name = parameter.name.value
            env[name] = entry.get(name) or Value.of(Parameter(name))
        if self.own is not None:
            env[self.own] = Value.of(SelfObject())
        unit = self.unit
        if unit.class_name is not None and unit.owner is not None:
            env[unit.class_name] = Value.of(Local(unit.owner.name, id(unit.owner.node)))
        return env

    def execute(self) -> Run:
        entered = self.state.gates is not None
        self.block(self.unit.node.body)
        ends = [*self.exits, self.state]
        self.raises = entered and all(state.gates is None for state in ends)
        env = State.join(*ends).env
        self.left = {name: env[name] for name in env if name.startswith("self.")}
        self.building = False
        for closure in list(self._closures.values()):
            if not closure.called:  # somebody else calls it, with anything
                self.state = closure.state
                self.state.gates = both(self.state.gates, self._escape_gates(closure.node))
                self._enter(closure, None)
        return self

    # --- calls ------------------------------------------------------------------------------

    def closure(self, node: cst.FunctionDef | cst.Lambda) -> Value:
        known = self._closures.get(id(node))
        defaults = {
            parameter.name.value: self.eval(parameter.default)
            for parameter in parameters_of(node)
            if parameter.default is not None
        }
        if known is None:
            self._closures[id(node)] = _Closure(node, self.state.copy(), defaults)
        return Value.of(Local("<local>", id(node)))

    def on_call(
        self, node: cst.Call, callee: Atom, arguments: list[Argument], gates: Gates, sole: bool
    ) -> Value | None:
        reach = both(self.state.gates, gates)
        if reach is None or self.building:
            return None
        if isinstance(callee, Local) and callee.node in self._closures:
            return self._enter(self._closures[callee.node], arguments)
        self.calls.append(Called(node, callee, tuple(arguments), reach, sole))
        for argument in arguments:  # a function handed over is called by whoever gets it
            for atom in argument.value.atoms:
                if isinstance(atom, Local) and atom.node in self._closures:
                    self._enter(self._closures[atom.node], None)
        built = self._built(node, callee, arguments)
        if built is not None:
            return built
        if isinstance(callee, (Method, Local)):
            unit = self.model.units.by_node.get(callee.node)
            if unit is not None:
                if self.model.refuses(unit, self.training):
                    self.leave()
                if isinstance(callee, Method):
                    self._take_over(unit, arguments)
                others = self.model.units.overrides(unit) if isinstance(callee, Method) else []
                return self._result(unit, others, arguments)
        return None

    def _built(self, node: cst.Call, callee: Atom, arguments: Iterable[Argument]) -> Value | None:
        """The module that a function of the project builds for this call."""
        target = self.model.deciding.target(self.model, callee)
        if target is None or target.unit is self.unit:
            return None
        built = target.model.builders.built(target.unit, self.training)
        if built is None or (
            isinstance(callee, Method) and self.model.units.overrides(target.unit)
        ):
            return None
        flag = _with_arguments(built.flag, target.unit, arguments)
        return Value.of(Instance(built.name, id(node), flag))

    def _overriding(self, unit: Unit) -> Value:
        """What a subclass's method returns instead, as far as it is certain."""
        value = self.model.alone(unit, self.training).returned
        certain = all(isinstance(atom, Const) for atom in value.atoms)
        return value if certain else depends(UNKNOWN)

    def _take_over(self, unit: Unit, arguments: Iterable[Argument]) -> None:
        """What a method of the module that knows the mode leaves on self."""
        if not self.model.knows_mode(unit) or unit is self.unit:
            return
        for name, value in self.model.alone(unit, self.training).left.items():
            if name != "self.training" or self.sets_mode:
                self.state.env[name] = _with_arguments(value, unit, arguments)

    def self_attribute(self, name: str) -> Value:
        if self.state.gates is not None:
            reach = weakest(self.read.get(name), self.state.gates)
            self.read[name] = FREE if reach is None else reach
        return super().self_attribute(name)

    def met(self, node: cst.Name | cst.Attribute, value: Value) -> Value:
        parent = self.model.tree.parent(node)
        if not (isinstance(parent, cst.Call) and parent.func is node):
            for atom, gates in value.alternatives:
                reach = both(self.state.gates, gates)
                if isinstance(atom, (Local, Method)) and reach is not None:
                    self.handed.append((atom, reach))
        return value

    def _escape_gates(self, node: cst.FunctionDef | cst.Lambda) -> Gates | None:
        """Behind which gates a nested function runs that this run did not see called.

        What is kept on self runs where the file reads it; None: it never runs.
        """
        tree, owner = self.model.tree, self.owner
        reached: list[Gates | None] = []
        for way in self._escapes(node):
            parent = tree.parent(way)
            if owner is None or not isinstance(parent, cst.Assign) or parent.value is not way:
                return FREE
            target = parent.targets[0].target
            if not isinstance(target, cst.Attribute) or not is_self(target.value, self.own):
                return FREE
            reached.append(self.model.entries.read(owner, target.attr.value, self.training))
        return weakest(*reached)

    def _escapes(self, node: cst.FunctionDef | cst.Lambda) -> list[cst.CSTNode]:
        """Where a nested function is used other than by calls that a run sees."""
        tree = self.model.tree
        if isinstance(node, cst.FunctionDef):
            if node.decorators:
                return [node]
            name = node.name.value
        else:
            parent = tree.parent(node)
            target = parent.targets[0].target if isinstance(parent, cst.Assign) else None
            if not isinstance(target, cst.Name):
                return [node]
            name = target.value
        found: list[cst.CSTNode] = []
        for below in walk(self.unit.node.body):
            if isinstance(below, cst.Name) and below.value == name:
                parent = tree.parent(below)
                called = isinstance(parent, cst.Call) and parent.func is below
                bound = isinstance(parent, (cst.AssignTarget, cst.FunctionDef, cst.Attribute))
                if not (called or bound):
                    found.append(below)
        return found

    def _result(
        self, unit: Unit, overrides: Iterable[Unit], arguments: Iterable[Argument]
    ) -> Value | None:
        """What a function of the file returns, its parameters replaced by the arguments."""
        value = self.model.returned(unit, self.training)
        if self.model.knows_mode(unit):
            value = Value.join([value, *map(self._overriding, overrides)])
        if all(_is_opaque(atom) for atom in value.atoms):
            return None
        return _with_arguments(value, unit, arguments)

    def _enter(self, closure: _Closure, arguments: Iterable[Argument] | None) -> Value:
        """Run a nested function where it is called; with anything, if somebody else calls it."""
        closure.called = True
        if self._depth >= _INLINE_DEPTH or self.state.gates is None:
            return UNKNOWN
        self._entered += 1
        if self._entered > _MOST_ENTERED:  # functions that call each other many times over
            return UNKNOWN
        before, returns, loops, differs = self.state, self.returns, self._loops, self.differs
        exits, self.exits = self.exits, []
        self._depth += 1
        self.state, self.returns, self._loops = before.copy(), [], []
        for parameter in parameters_of(closure.node):
            self.state.env[parameter.name.value] = Value.of(Parameter(parameter.name.value))
        if arguments is not None:
            self._bind_arguments(closure, arguments)
        if isinstance(closure.node, cst.Lambda):
            value = self.eval(closure.node.body)
        else:
            self.block(closure.node.body)
            value = self.returned
        before.env.update(self._changed(closure.node, State.join(*self.exits, self.state)))
        self.state, self.returns, self._loops, self.differs = before, returns, loops, differs
        self.exits = exits
        self._depth -= 1
        return value

    def _changed(self, node: cst.FunctionDef | cst.Lambda, end: State) -> dict[str, Value]:
        """What a nested function leaves changed: its nonlocal names and the attributes of self."""
        outer = self.model.names.scopes[id(node)].outer_names
        return {
            name: value
            for name, value in end.env.items()
            if end.gates is not None and (name in outer or name.startswith("self."))
        }

    def _bind_arguments(self, closure: _Closure, arguments: Iterable[Argument]) -> None:
        node, arguments = closure.node, list(arguments)
        if not any(argument.node.star for argument in arguments):
            self.state.env.update(closure.defaults)
        positional = placed_parameters(node)
        names = {parameter.name.value for parameter in parameters_of(node)}
        plain = 0
        for argument in arguments:
            if argument.node.star:
                return
            keyword = argument.node.keyword
            if keyword is not None and keyword.value in names:
                self.state.env[keyword.value] = as_data(argument.value)
            elif keyword is None and plain < len(positional):
                self.state.env[positional[plain].name.value] = as_data(argument.value)
                plain += 1


def _with_arguments(value: Value, unit: Unit, arguments: Iterable[Argument]) -> Value:
    """A value that a unit made, with its parameters replaced by the arguments of a call."""
    if not any(isinstance(atom, Parameter) for atom in value.atoms):
        return value
    given = unit_arguments(unit, arguments)
    return Value.join(
        (given.get(atom.name, UNKNOWN) if isinstance(atom, Parameter) else Value.of(atom)).behind(
            gates
        )
        for atom, gates in value.alternatives
    )


def unit_arguments(unit: Unit, arguments: Iterable[Argument]) -> dict[str, Value]:
    """The values of a unit's parameters at a call; those that the call leaves out are missing."""
    positional = [parameter.name.value for parameter in unit.positional]
    found: dict[str, Value] = {}
    stars: list[Value] = []
    plain = 0
    for argument in arguments:
        if argument.node.star:
            stars.append(argument.value)
        elif argument.node.keyword is not None:
            found[argument.node.keyword.value] = as_data(argument.value)
        elif plain < len(positional) and not stars:
            found[positional[plain]] = as_data(argument.value)
            plain += 1
    for parameter in unit.parameters if stars else ():  # it may be among the starred ones
        name = parameter.name.value
        found.setdefault(name, opaque(Value.of(Parameter(name)), *stars))
    return found


def _is_opaque(atom: Atom) -> bool:
    return not isinstance(atom, (Const, Parameter)) and not hasattr(atom, "path")
