"""One execution of a function in one mode: entering it, nested functions, calls of the file's own.

A `Run` executes one function with ``self.training`` fixed and records every call and every write to
``self`` that it meets, with the guards in front of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from dropout_lint.semantics.interpreter.arguments import Argument
from dropout_lint.semantics.interpreter.contrast import Contrast
from dropout_lint.semantics.interpreter.operators import opaque
from dropout_lint.semantics.interpreter.state import State, as_data
from dropout_lint.semantics.interpreter.statements import Statements
from dropout_lint.semantics.interpreter.values import (
    FREE,
    UNKNOWN,
    Atom,
    Const,
    Guards,
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
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import parameters_of, placed_parameters
from dropout_lint.semantics.syntax.tree import walk

if TYPE_CHECKING:
    from dropout_lint.semantics.model import SemanticModel

_INLINE_DEPTH = 4
_MOST_ENTERED = 1000


@dataclass(frozen=True)
class Called:
    """A call as it was met: what was called with which arguments, behind which guards."""

    node: cst.Call
    callee: Atom
    arguments: tuple[Argument, ...]
    guards: Guards
    sole: bool = True


@dataclass(eq=False)
class _Closure:
    node: cst.FunctionDef | cst.Lambda
    state: State
    defaults: dict[str, Value]
    called: bool = False


class Run(Statements):
    """One execution of a function in one mode."""

    def __init__(
        self,
        model: SemanticModel,
        function: FunctionInfo,
        training: bool,
        entry: Mapping[str, Value],
        guards: Guards | None,
        other: Run | None = None,
    ) -> None:
        super().__init__(model, function.scope, training, function.owner, function.self_name)
        self.function = function
        self.contrast = Contrast(other.contrast if other is not None else None)
        self.sets_mode = function.is_named_as_override
        self.calls: list[Called] = []
        self.raises = False  # whether it never comes to an end but by an exception
        self.left: dict[str, Value] = {}  # what it leaves on self
        self.read: dict[str, Guards] = {}  # attributes of self, and behind which guards
        # Functions of the file that are not called but handed on, and behind which guards.
        self.handed: list[tuple[Atom, Guards]] = []
        self._closures: dict[cst.CSTNode, _Closure] = {}
        self._depth = 0
        self._entered = 0
        # A constructor runs in train mode, but what escapes it (a lambda kept on self) runs later.
        self.building = (
            not training and guards is None and model.functions.serves_building(function)
        )
        self.state = State(self._entry_env(entry), FREE if self.building else guards)

    def _entry_env(self, entry: Mapping[str, Value]) -> dict[str, Value]:
        env = {}
        for parameter in parameters_of(self.function.node):
            name = parameter.name.value
            env[name] = entry.get(name) or Value.of(Parameter(name))
        if self.own is not None:
            env[self.own] = Value.of(SelfObject())
        function = self.function
        if function.class_name is not None and function.owner is not None:
            env[function.class_name] = Value.of(Local(function.owner.name, function.owner.node))
        return env

    def execute(self) -> Run:
        entered = self.state.guards is not None
        self.block(self.function.node.body)
        ends = [*self.exits, self.state]
        self.raises = entered and all(state.guards is None for state in ends)
        env = State.join(*ends).env
        self.left = {name: env[name] for name in env if name.startswith("self.")}
        self.building = False
        for closure in list(self._closures.values()):
            if not closure.called:  # somebody else calls it, with anything
                self.state = closure.state
                self.state.guards = both(self.state.guards, self._escape_guards(closure.node))
                self._enter(closure, None)
        return self

    # --- calls ------------------------------------------------------------------------------

    def closure(self, node: cst.FunctionDef | cst.Lambda) -> Value:
        known = self._closures.get(node)
        defaults = {
            parameter.name.value: self.eval(parameter.default)
            for parameter in parameters_of(node)
            if parameter.default is not None
        }
        if known is None:
            self._closures[node] = _Closure(node, self.state.copy(), defaults)
        return Value.of(Local("<local>", node))

    def on_call(
        self, node: cst.Call, callee: Atom, arguments: list[Argument], guards: Guards, sole: bool
    ) -> Value | None:
        reach = both(self.state.guards, guards)
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
            function = self.model.functions.by_node.get(callee.node)
            if function is not None:
                if self.model.refuses(function, self.training):
                    self.leave()
                if isinstance(callee, Method):
                    self._take_over(function, arguments)
                others = (
                    self.model.functions.overrides(function) if isinstance(callee, Method) else []
                )
                return self._result(function, others, arguments)
        return None

    def _built(self, node: cst.Call, callee: Atom, arguments: Iterable[Argument]) -> Value | None:
        """The module that a function of the project builds for this call."""
        target = self.model.imported.callee(callee)
        if target is None or target.function is self.function:
            return None
        built = target.model.builders.built(target.function, self.training)
        if built is None or (
            isinstance(callee, Method) and self.model.functions.overrides(target.function)
        ):
            return None
        flag = _with_arguments(built.flag, target.function, arguments)
        return Value.of(Instance(built.name, node, flag))

    def _overriding(self, function: FunctionInfo) -> Value:
        """What a subclass's method returns instead, as far as it is certain."""
        value = self.model.alone(function, self.training).returned
        certain = all(isinstance(atom, Const) for atom in value.atoms)
        return value if certain else depends(UNKNOWN)

    def _take_over(self, function: FunctionInfo, arguments: Iterable[Argument]) -> None:
        """What a method of the module that knows the mode leaves on self."""
        if not self.model.knows_mode(function) or function is self.function:
            return
        for name, value in self.model.alone(function, self.training).left.items():
            if name != "self.training" or self.sets_mode:
                self.state.env[name] = _with_arguments(value, function, arguments)

    def self_attribute(self, name: str) -> Value:
        if self.state.guards is not None:
            reach = weakest(self.read.get(name), self.state.guards)
            self.read[name] = FREE if reach is None else reach
        return super().self_attribute(name)

    def met(self, node: cst.Name | cst.Attribute, value: Value) -> Value:
        parent = self.model.tree.parent(node)
        if not (isinstance(parent, cst.Call) and parent.func is node):
            for atom, guards in value.alternatives:
                reach = both(self.state.guards, guards)
                if isinstance(atom, (Local, Method)) and reach is not None:
                    self.handed.append((atom, reach))
        return value

    def _escape_guards(self, node: cst.FunctionDef | cst.Lambda) -> Guards | None:
        """Behind which guards a nested function runs that this run did not see called.

        What is kept on self runs where the file reads it; None: it never runs.
        """
        tree, owner = self.model.tree, self.owner
        reached: list[Guards | None] = []
        for way in self._escapes(node):
            parent = tree.parent(way)
            if owner is None or not isinstance(parent, cst.Assign) or parent.value is not way:
                return FREE
            target = parent.targets[0].target
            if not isinstance(target, cst.Attribute) or not is_self(target.value, self.own):
                return FREE
            reached.append(self.model.contexts.read(owner, target.attr.value, self.training))
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
        for below in walk(self.function.node.body):
            if isinstance(below, cst.Name) and below.value == name:
                parent = tree.parent(below)
                called = isinstance(parent, cst.Call) and parent.func is below
                bound = isinstance(parent, (cst.AssignTarget, cst.FunctionDef, cst.Attribute))
                if not (called or bound):
                    found.append(below)
        return found

    def _result(
        self,
        function: FunctionInfo,
        overrides: Iterable[FunctionInfo],
        arguments: Iterable[Argument],
    ) -> Value | None:
        """What a function of the file returns, its parameters replaced by the arguments."""
        value = self.model.returned(function, self.training)
        if self.model.knows_mode(function):
            value = Value.join([value, *map(self._overriding, overrides)])
        if all(_is_opaque(atom) for atom in value.atoms):
            return None
        return _with_arguments(value, function, arguments)

    def _enter(self, closure: _Closure, arguments: Iterable[Argument] | None) -> Value:
        """Run a nested function where it is called; with anything, if somebody else calls it."""
        closure.called = True
        if self._depth >= _INLINE_DEPTH or self.state.guards is None:
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
        outer = self.model.names.scopes[node].outer_names
        return {
            name: value
            for name, value in end.env.items()
            if end.guards is not None and (name in outer or name.startswith("self."))
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


def _with_arguments(value: Value, function: FunctionInfo, arguments: Iterable[Argument]) -> Value:
    """A value that a function made, with its parameters replaced by the arguments of a call."""
    if not any(isinstance(atom, Parameter) for atom in value.atoms):
        return value
    given = function_arguments(function, arguments)
    return Value.join(
        (given.get(atom.name, UNKNOWN) if isinstance(atom, Parameter) else Value.of(atom)).behind(
            guards
        )
        for atom, guards in value.alternatives
    )


def function_arguments(function: FunctionInfo, arguments: Iterable[Argument]) -> dict[str, Value]:
    """The values of a function's parameters at a call, without those that the call leaves out."""
    positional = [parameter.name.value for parameter in function.positional]
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
    for parameter in function.parameters if stars else ():  # it may be among the starred ones
        name = parameter.name.value
        found.setdefault(name, opaque(Value.of(Parameter(name)), *stars))
    return found


def _is_opaque(atom: Atom) -> bool:
    return not isinstance(atom, (Const, Parameter)) and not hasattr(atom, "path")
