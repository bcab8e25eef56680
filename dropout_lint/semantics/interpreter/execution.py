"""Running a function in one mode: its parameters, its nested functions, and its calls.

`execute` fills a `Run` with every call and every write to ``self``, each with the guards in front
of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import libcst as cst

from dropout_lint.semantics.interpreter.arguments import (
    Argument,
    nested_function_arguments,
    with_arguments,
)
from dropout_lint.semantics.interpreter.closures import (
    Closure,
    NestedFunction,
    attributes_that_keep,
)
from dropout_lint.semantics.interpreter.guards import FREE, Guards, both, weakest
from dropout_lint.semantics.interpreter.run import Called, Run, any_returned
from dropout_lint.semantics.interpreter.state import State, as_built, settled
from dropout_lint.semantics.interpreter.statements import Statements
from dropout_lint.semantics.interpreter.surroundings import Surroundings
from dropout_lint.semantics.interpreter.values import (
    UNKNOWN,
    Atom,
    Attribute,
    Const,
    Instance,
    Local,
    Method,
    Parameter,
    Ref,
    SelfObject,
    Value,
    depends,
)
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import parameters_of
from dropout_lint.vocabulary.methods import ENDS_PROGRAM

_INLINE_DEPTH = 4
_MOST_ENTERED = 1000
_Run = TypeVar("_Run", bound=Run)


def execute(
    surroundings: Surroundings, run: _Run, arguments: Mapping[str, Value], guards: Guards | None
) -> _Run:
    """Run a function with these arguments behind these guards (None: it does not run)."""
    Execution(surroundings, run).execute(arguments, guards)
    return run


class Execution(Statements):
    """One execution of a function in one mode."""

    def __init__(self, surroundings: Surroundings, run: Run) -> None:
        super().__init__(surroundings, run)
        self.function = run.function
        self._closures: dict[cst.CSTNode, Closure] = {}
        self._depth = 0
        self._entered = 0

    def execute(self, arguments: Mapping[str, Value], guards: Guards | None) -> None:
        # A constructor runs in train mode, but what escapes it (a lambda kept on self) runs later.
        self.building = (
            not self.training
            and guards is None
            and self.surroundings.functions.serves_building(self.function)
        )
        self.state = State(self._parameters(arguments), FREE if self.building else guards)
        runs = self.state.is_alive
        self.block(self.function.node.body)
        ends = [*self.exits, self.state]
        self.run.raises = runs and not any(state.is_alive for state in ends)
        env = State.join(*ends).env
        self.run.exit_state = {name: env[name] for name in env if name.startswith("self.")}
        self.building = False
        outlives = self.function.owner is not None and self.surroundings.functions.serves_building(
            self.function
        )
        for closure in list(self._closures.values()):
            if not closure.called:  # another function calls it, with unknown arguments
                self.state = closure.state
                if outlives:
                    self._settle(self.state)
                self.state.guards = both(self.state.guards, self._escape_guards(closure.node))
                self._enter(closure, None)

    @staticmethod
    def _settle(state: State) -> None:
        """Make of a constructor's state what its nested functions find when they run later."""
        state.env = {name: as_built(value) for name, value in state.env.items()}
        if state.guards is not None:
            state.guards = settled(state.guards)

    def _parameters(self, arguments: Mapping[str, Value]) -> dict[str, Value]:
        """The names that are bound before the first line."""
        function = self.function
        env = {}
        for parameter in parameters_of(function.node):
            name = parameter.name.value
            env[name] = arguments.get(name) or Value.of(Parameter(name))
        if self.self_name is not None:
            env[self.self_name] = Value.of(SelfObject())
        if function.class_name is not None and function.owner is not None:
            env[function.class_name] = Value.of(Local(function.owner.name, function.owner.node))
        return env

    # --- names and attributes ---------------------------------------------------------------

    def self_attribute(self, name: str) -> Value:
        if self.state.guards is not None:
            reach = weakest(self.run.read.get(name), self.state.guards)
            self.run.read[name] = FREE if reach is None else reach
        return super().self_attribute(name)

    def used(self, node: cst.Name | cst.Attribute, value: Value) -> Value:
        parent = self.surroundings.functions.tree.parent(node)
        if not (isinstance(parent, cst.Call) and parent.func is node):
            for atom, guards in value.alternatives:
                reach = both(self.state.guards, guards)
                if isinstance(atom, (Local, Method)) and reach is not None:
                    self.run.escaping.append((atom, reach))
        return value

    # --- calls ------------------------------------------------------------------------------

    def on_call(
        self, node: cst.Call, callee: Atom, arguments: list[Argument], guards: Guards, sole: bool
    ) -> Value | None:
        reach = both(self.state.guards, guards)
        if reach is None or self.building:
            return None
        if isinstance(callee, Local) and callee.node in self._closures:
            self.run.inlined.add(node)
            return self._enter(self._closures[callee.node], arguments)
        if isinstance(callee, Local) and self._is_foreign(callee.node):
            self.run.calls.append(Called(node, callee, tuple(arguments), reach, sole))
            return self._enter_foreign(node, callee, arguments, reach)
        self.run.calls.append(Called(node, callee, tuple(arguments), reach, sole, self.entry))
        if sole and isinstance(callee, Ref) and callee.name in ENDS_PROGRAM:
            self.leave()
        for argument in arguments:  # a function that is an argument is called by the callee
            for atom in argument.value.atoms:
                if isinstance(atom, Local) and atom.node in self._closures:
                    self._enter(self._closures[atom.node], None)
        built = self.surroundings.built(callee, self.training, self.function)
        if built is not None:
            flag = with_arguments(built.module.flag, built.builder, arguments)
            return Value.of(Instance(built.module.name, node, flag))
        if not isinstance(callee, (Method, Local)):
            return None
        function = self.surroundings.functions.by_node.get(callee.node)
        if function is None:
            return None
        if self._refuses(function):
            self.leave()
        overrides: list[FunctionInfo] = []
        if isinstance(callee, Method):
            self._write_as(function, arguments)
            overrides = self.surroundings.functions.overrides(function)
        return self._result(function, overrides, arguments)

    def _refuses(self, function: FunctionInfo) -> bool:
        """Whether a function always raises in this mode, and not in the other one."""
        alone = self.surroundings.alone
        return (
            self.surroundings.knows_mode(function)
            and alone(function, self.training).raises
            and not alone(function, not self.training).raises
        )

    def _write_as(self, function: FunctionInfo, arguments: Iterable[Argument]) -> None:
        """Write to self what a method of the module writes that knows the mode."""
        if not self.surroundings.knows_mode(function) or function is self.function:
            return
        exit_state = self.surroundings.alone(function, self.training).exit_state
        for name, value in exit_state.items():
            if name != "self.training" or self.sets_mode:
                self.state.env[name] = with_arguments(value, function, arguments)

    def _result(
        self,
        function: FunctionInfo,
        overrides: Iterable[FunctionInfo],
        arguments: Iterable[Argument],
    ) -> Value | None:
        """What a call of a function of the file returns; None if it is unknown."""
        value = self.returned(function)
        if self.surroundings.knows_mode(function):
            value = Value.join([value, *map(self._returned_instead, overrides)])
        is_known = any(isinstance(atom, (Const, Parameter, Attribute)) for atom in value.atoms)
        if not (is_known or any(guard.kind == "flag" for guard in value.mentions)):
            return None
        return with_arguments(value, function, arguments)

    def _returned_instead(self, override: FunctionInfo) -> Value:
        """What a subclass's method returns instead, as far as it is certain."""
        value = self.surroundings.alone(override, self.training).returned
        is_certain = all(isinstance(atom, Const) for atom in value.atoms)
        return value if is_certain else depends(UNKNOWN)

    # --- nested functions -------------------------------------------------------------------

    def closure(self, node: NestedFunction) -> Value:
        defaults = {
            parameter.name.value: self.eval(parameter.default)
            for parameter in parameters_of(node)
            if parameter.default is not None
        }
        if node not in self._closures:
            self._closures[node] = Closure(node, self.state.copy(), defaults)
        return Value.of(Local("<local>", node))

    def _enter(self, closure: Closure, arguments: Sequence[Argument] | None) -> Value:
        """Run a nested function where it is called. ``arguments`` None: they are unknown."""
        closure.called = True
        if self._depth >= _INLINE_DEPTH or not self.state.is_alive:
            return UNKNOWN
        self._entered += 1
        if self._entered > _MOST_ENTERED:  # functions that call each other many times over
            return UNKNOWN
        caller, returns, exits, loops = self.state, self.returns, self.exits, self.loops
        self._depth += 1
        self.state, self.returns, self.exits, self.loops = caller.copy(), [], [], []
        for parameter in parameters_of(closure.node):
            self.state.env[parameter.name.value] = Value.of(Parameter(parameter.name.value))
        if arguments is not None:
            values = nested_function_arguments(closure.node, closure.defaults, arguments)
            self.state.env.update(values)
        with self.operands():
            if isinstance(closure.node, cst.Lambda):
                value = self.eval(closure.node.body)
            else:
                self.block(closure.node.body)
                value = any_returned(self.returns)
        end = State.join(*self.exits, self.state)
        outer_names = self.surroundings.functions.names.scopes[closure.node].outer_names
        caller.env.update(closure.writes(end, outer_names))
        self.state, self.returns, self.exits, self.loops = caller, returns, exits, loops
        self._depth -= 1
        return value

    def _is_foreign(self, node: cst.CSTNode) -> bool:
        """Whether a function is nested in another one, which is no method."""
        if not isinstance(node, (cst.FunctionDef, cst.Lambda)):
            return False
        functions = self.surroundings.functions
        if node in functions.by_node or node not in functions.names.scopes:
            return False
        scope = functions.names.scopes[node]
        maker = functions.of_scope(scope)
        if maker is None:
            return scope.parent is functions.names.module
        return maker.owner is None and maker is not self.function

    def _enter_foreign(
        self, call: cst.Call, callee: Local, arguments: Sequence[Argument], reach: Guards
    ) -> Value:
        """Run a nested function that another function has made. A drop in it is the call's."""
        assert isinstance(callee.node, (cst.FunctionDef, cst.Lambda))
        caller, scope, entry = self.state, self.scope, self.entry
        closures, self._closures = self._closures, {}
        self.state, self.entry = State(dict(callee.captured), reach), entry or call
        self.scope = self.surroundings.functions.names.scopes[callee.node]
        defaults = {
            parameter.name.value: self.eval(parameter.default)
            for parameter in parameters_of(callee.node)
            if parameter.default is not None
        }
        value = self._enter(Closure(callee.node, self.state, defaults), arguments)
        self.state, self.scope, self.entry, self._closures = caller, scope, entry, closures
        return value

    def _escape_guards(self, node: NestedFunction) -> Guards | None:
        """The guards behind which a nested function runs that is not called here.

        One that is kept on self runs where the file reads the attribute; None: it never runs.
        """
        functions = self.surroundings.functions
        names = attributes_that_keep(functions.tree, functions.places, self.function, node)
        if names is None:
            return FREE
        owner, guards_of_reads = self.owner, self.surroundings.guards_of_reads
        return weakest(
            *(guards_of_reads(owner, name, self.training) for name in names if owner is not None)
        )
