"""Statements in one mode: the abstract interpreter's upper half.

A `Run` executes one unit with ``self.training`` fixed. Branches that the mode decides are taken or
left; where it does not, both are, and the paths meet again. What is left behind early
``return``, ``raise``, ``continue`` and ``break`` is known to be so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import libcst as cst

from dropout_lint.semantics.calls import Argument
from dropout_lint.semantics.evaluate import Evaluator, State, as_data
from dropout_lint.semantics.modes import (
    FREE,
    NONE,
    UNKNOWN,
    Atom,
    Cond,
    Const,
    Gates,
    Local,
    Method,
    Parameter,
    SelfObject,
    Value,
    both,
    truth,
)
from dropout_lint.semantics.names import parameters_of
from dropout_lint.semantics.tree import walk
from dropout_lint.semantics.units import Unit

if TYPE_CHECKING:
    from dropout_lint.semantics.model import Model

_INLINE_DEPTH = 4


@dataclass(frozen=True)
class Called:
    """A call as it was met: what was called with which arguments, behind which gates."""

    node: cst.Call
    callee: Atom
    arguments: tuple[Argument, ...]
    gates: Gates
    sole: bool = True


@dataclass(frozen=True)
class Written:
    """An assignment to an attribute of ``self`` as it was met."""

    target: cst.Attribute
    statement: cst.CSTNode
    value: Value
    gates: Gates


@dataclass(eq=False)
class _Loop:
    breaks: list[State] = field(default_factory=list)
    continues: list[State] = field(default_factory=list)


@dataclass(eq=False)
class _Closure:
    node: cst.FunctionDef | cst.Lambda
    state: State
    called: bool = False


class Run(Evaluator):
    """One execution of a unit in one mode."""

    def __init__(
        self,
        model: Model,
        unit: Unit,
        training: bool,
        entry: Mapping[str, Value],
        gates: Gates | None,
    ) -> None:
        super().__init__(model, unit.scope, training, unit.owner, unit.self_name)
        self.unit = unit
        self.calls: list[Called] = []
        self.written: list[Written] = []
        self.returns: list[Value] = []
        self._loops: list[_Loop] = []
        self._closures: dict[int, _Closure] = {}
        self._depth = 0
        # A constructor runs in train mode, but what escapes it (a lambda kept on self) runs later.
        self._building = not training and gates is None and unit.builds
        self.state = State(self._entry_env(entry), FREE if self._building else gates)

    def _entry_env(self, entry: Mapping[str, Value]) -> dict[str, Value]:
        env = {}
        for parameter in parameters_of(self.unit.node):
            name = parameter.name.value
            env[name] = entry.get(name) or Value.of(Parameter(name))
        if self.own is not None:
            env[self.own] = Value.of(SelfObject())
        return env

    def execute(self) -> Run:
        self.block(self.unit.node.body)
        self._building = False
        for closure in list(self._closures.values()):
            if not closure.called and self._escapes(closure.node):
                self.state = closure.state  # somebody calls it, with anything
                self._enter(closure, ())
        return self

    @property
    def returned(self) -> Value:
        return Value.join(self.returns) if self.returns else NONE

    # --- statements -------------------------------------------------------------------------

    def block(self, body: cst.CSTNode) -> None:
        if isinstance(body, (cst.IndentedBlock, cst.SimpleStatementSuite, cst.SimpleStatementLine)):
            statements: Iterable[cst.CSTNode] = body.body
        else:
            statements = (body,)
        for statement in statements:
            if self.state.gates is None:
                return
            if isinstance(statement, cst.SimpleStatementLine):
                self.block(statement)
                continue
            handler = _STATEMENTS.get(type(statement))
            if handler is not None:
                handler(self, statement)
            else:
                self.eval(statement)

    def if_(self, node: cst.If) -> None:
        cond = self.cond(node.test)
        before = self.state
        self.state = State(dict(before.env), both(before.gates, cond.when_true))
        if self.state.gates is not None:
            self.block(node.body)
        taken = self.state
        self.state = State(dict(before.env), both(before.gates, cond.when_false))
        if self.state.gates is not None and node.orelse is not None:
            self.block(node.orelse.body if isinstance(node.orelse, cst.Else) else node.orelse)
        self.state = State.join(taken, self.state)

    def for_(self, node: cst.For) -> None:
        iterable = self.eval(node.iter)

        def enter() -> Cond:
            self.bind_loop(node.target, iterable)
            return Cond(FREE, FREE)

        self._loop(enter, node.body, node.orelse)

    def while_(self, node: cst.While) -> None:
        self._loop(lambda: self.cond(node.test), node.body, node.orelse)

    def _loop(self, enter: Callable[[], Cond], body: cst.CSTNode, orelse: cst.Else | None) -> None:
        loop = _Loop()
        self._loops.append(loop)
        ended: list[State] = []
        for _ in range(2):  # the second round sees what the first assigned
            head = self.state.copy()
            cond = enter()
            ended.append(State(dict(self.state.env), both(head.gates, cond.when_false)))
            self.state.gates = both(self.state.gates, cond.when_true)
            if self.state.gates is not None:
                self.block(body)
            self.state = State.join(head, self.state, *loop.continues)
            if self.state.gates is None:
                break
        self._loops.pop()
        ended.append(State(dict(self.state.env), both(self.state.gates, ended[0].gates)))
        self.state = State.join(*ended)
        if orelse is not None and self.state.gates is not None:
            self.block(orelse.body)
        self.state = State.join(self.state, *loop.breaks)

    def try_(self, node: cst.Try | cst.TryStar) -> None:
        before = self.state.copy()
        self.block(node.body)
        broken = State.join(before, self.state)
        broken.gates = before.gates
        if node.orelse is not None and self.state.gates is not None:
            self.block(node.orelse.body)
        ends = [self.state]
        for handler in node.handlers:
            self.state = broken.copy()
            if handler.name is not None:
                self.bind(handler.name.name, UNKNOWN)
            self.block(handler.body)
            ends.append(self.state)
        self.state = State.join(*ends)
        if node.finalbody is not None:
            dead = self.state.gates is None
            if dead:
                self.state = State(dict(self.state.env), before.gates)
            self.block(node.finalbody.body)
            if dead:
                self.state.gates = None

    def with_(self, node: cst.With) -> None:
        for item in node.items:
            value = self.eval(item.item)
            if item.asname is not None:
                self.bind(item.asname.name, self.opaque(value))
        self.block(node.body)

    def match(self, node: cst.Match) -> None:
        subject = self.eval(node.subject)
        ends: list[State] = []
        for case in node.cases:
            before = self.state
            self.state = before.copy()
            cond = self._pattern(case.pattern, subject)
            self.state.gates = both(self.state.gates, cond.when_true)
            if case.guard is not None and self.state.gates is not None:
                guard = self.cond(case.guard)
                cond = cond & guard
                self.state.gates = both(self.state.gates, guard.when_true)
            if self.state.gates is not None:
                self.block(case.body)
            ends.append(self.state)
            self.state = State(dict(before.env), both(before.gates, cond.when_false))
            if self.state.gates is None:
                break
        self.state = State.join(*ends, self.state)

    def _pattern(self, pattern: cst.MatchPattern, subject: Value) -> Cond:
        if isinstance(pattern, (cst.MatchValue, cst.MatchSingleton)):
            kind = cst.Equal if isinstance(pattern, cst.MatchValue) else cst.Is
            return self.compare(kind, subject, self.eval(pattern.value))
        if isinstance(pattern, cst.MatchAs):
            if pattern.name is not None:
                self.bind(pattern.name, subject)
            if pattern.pattern is None:
                return Cond(FREE, None)
            return self._pattern(pattern.pattern, subject)
        if isinstance(pattern, cst.MatchOr):
            cond = Cond(None, FREE)
            for element in pattern.patterns:
                cond = cond | self._pattern(element.pattern, subject)
            return cond
        guards = frozenset(gate for gate in subject.mentions if gate.guards)
        return Cond(guards, guards)

    def assign(self, node: cst.Assign) -> None:
        value = self.eval(node.value)
        for target in node.targets:
            self._write(target.target, node, value)

    def annotated(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self._write(node.target, node, self.eval(node.value))

    def augmented(self, node: cst.AugAssign) -> None:
        kind = _AUGMENTED.get(type(node.operator))
        before, right = self.eval(node.target), self.eval(node.value)
        value = self.arithmetic(kind, before, right) if kind else self.opaque(before, right)
        self._write(node.target, node, value)

    def _write(self, target: cst.CSTNode, statement: cst.CSTNode, value: Value) -> None:
        if isinstance(target, cst.Attribute) and self.state.gates is not None:
            if isinstance(self.eval(target.value).only, SelfObject) and not self._building:
                self.written.append(Written(target, statement, value, self.state.gates))
        self.bind(target, value)

    def delete(self, node: cst.Del) -> None:
        if isinstance(node.target, cst.Name):
            self.state.env[node.target.value] = UNKNOWN

    def return_(self, node: cst.Return) -> None:
        value = self.eval(node.value) if node.value is not None else NONE
        self.returns.append(value.behind(self.state.gates or FREE))
        self.state.gates = None

    def raise_(self, node: cst.Raise) -> None:
        if node.exc is not None:
            self.eval(node.exc)
        self.state.gates = None

    def assert_(self, node: cst.Assert) -> None:
        self.state.gates = both(self.state.gates, self.cond(node.test).when_true)

    def break_(self, node: cst.Break) -> None:
        if self._loops:
            self._loops[-1].breaks.append(self.state.copy())
        self.state.gates = None

    def continue_(self, node: cst.Continue) -> None:
        if self._loops:
            self._loops[-1].continues.append(self.state.copy())
        self.state.gates = None

    def import_(self, node: cst.Import | cst.ImportFrom) -> None:
        """A local import binds what the resolver says it binds."""
        for name, bindings in self.scope.bindings.items():
            if any(binding.node is node for binding in bindings):
                self.state.env[name] = self.model.static(name, self.scope)

    def function(self, node: cst.FunctionDef) -> None:
        for decorator in node.decorators:
            self.eval(decorator.decorator)
        self.state.env[node.name.value] = self.closure(node)

    def class_(self, node: cst.ClassDef) -> None:
        """A class built in a function: its methods are units of their own."""
        self.state.env[node.name.value] = UNKNOWN

    # --- calls ------------------------------------------------------------------------------

    def closure(self, node: cst.FunctionDef | cst.Lambda) -> Value:
        known = self._closures.get(id(node))
        if known is None:
            self._closures[id(node)] = _Closure(node, self.state.copy())
        return Value.of(Local("<local>", id(node)))

    def on_call(
        self, node: cst.Call, callee: Atom, arguments: list[Argument], gates: Gates, sole: bool
    ) -> Value | None:
        reach = both(self.state.gates, gates)
        if reach is None or self._building:
            return None
        if isinstance(callee, Local) and callee.node in self._closures:
            return self._enter(self._closures[callee.node], arguments)
        self.calls.append(Called(node, callee, tuple(arguments), reach, sole))
        for argument in arguments:  # a function handed over is called by whoever gets it
            for atom in argument.value.atoms:
                if isinstance(atom, Local) and atom.node in self._closures:
                    self._enter(self._closures[atom.node], ())
                elif isinstance(atom, (Local, Method)):
                    self.calls.append(Called(node, atom, (), reach))
        if isinstance(callee, Method) and self.owner is not None:
            unit = self.model.units.of_method(self.owner, callee.name)
            return self._result(unit, arguments) if unit is not None else None
        if isinstance(callee, Local):
            unit = self.model.units.by_node.get(callee.node)
            return self._result(unit, arguments) if unit is not None else None
        return None

    def _escapes(self, node: cst.FunctionDef | cst.Lambda) -> bool:
        """Whether a nested function is used other than by calls that a run sees."""
        tree = self.model.tree
        if isinstance(node, cst.FunctionDef):
            if node.decorators:
                return True
            name = node.name.value
        else:
            parent = tree.parent(node)
            target = parent.targets[0].target if isinstance(parent, cst.Assign) else None
            if not isinstance(target, cst.Name):
                return True
            name = target.value
        for below in walk(self.unit.node.body):
            if isinstance(below, cst.Name) and below.value == name:
                parent = tree.parent(below)
                called = isinstance(parent, cst.Call) and parent.func is below
                bound = isinstance(parent, (cst.AssignTarget, cst.FunctionDef, cst.Attribute))
                if not (called or bound):
                    return True
        return False

    def _result(self, unit: Unit, arguments: Iterable[Argument]) -> Value | None:
        """What a function of the file returns, its parameters replaced by the arguments."""
        value = self.model.returned(unit, self.training)
        if not any(isinstance(atom, Parameter) for atom in value.atoms):
            return value if not all(_is_opaque(atom) for atom in value.atoms) else None
        given = unit_arguments(unit, arguments)
        return Value.join(
            (
                given.get(atom.name, UNKNOWN) if isinstance(atom, Parameter) else Value.of(atom)
            ).behind(gates)
            for atom, gates in value.alternatives
        )

    def _enter(self, closure: _Closure, arguments: Iterable[Argument]) -> Value:
        """Run a nested function where it is called."""
        closure.called = True
        if self._depth >= _INLINE_DEPTH or self.state.gates is None:
            return UNKNOWN
        before, returns, loops = self.state, self.returns, self._loops
        self._depth += 1
        self.state, self.returns, self._loops = before.copy(), [], []
        parameters = parameters_of(closure.node)
        for parameter in parameters:
            self.state.env[parameter.name.value] = Value.of(Parameter(parameter.name.value))
        self._bind_arguments(closure.node, arguments)
        if isinstance(closure.node, cst.Lambda):
            value = self.eval(closure.node.body)
        else:
            self.block(closure.node.body)
            value = self.returned
        self.state, self.returns, self._loops = before, returns, loops
        self._depth -= 1
        return value

    def _bind_arguments(
        self, node: cst.FunctionDef | cst.Lambda, arguments: Iterable[Argument]
    ) -> None:
        positional = [*node.params.posonly_params, *node.params.params]
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


def unit_arguments(unit: Unit, arguments: Iterable[Argument]) -> dict[str, Value]:
    """The values of a unit's parameters at a call; those that the call leaves out are missing."""
    positional = [parameter.name.value for parameter in unit.positional]
    found: dict[str, Value] = {}
    plain = 0
    for argument in arguments:
        if argument.node.star:
            break
        if argument.node.keyword is not None:
            found[argument.node.keyword.value] = as_data(argument.value)
        elif plain < len(positional):
            found[positional[plain]] = as_data(argument.value)
            plain += 1
    return found


def _is_opaque(atom: Atom) -> bool:
    return not isinstance(atom, (Const, Parameter)) and not hasattr(atom, "path")


_AUGMENTED: dict[type, type] = {
    cst.AddAssign: cst.Add, cst.SubtractAssign: cst.Subtract, cst.MultiplyAssign: cst.Multiply,
    cst.DivideAssign: cst.Divide, cst.BitAndAssign: cst.BitAnd, cst.BitOrAssign: cst.BitOr,
}  # fmt: skip
_STATEMENTS: dict[type, Callable[[Any, Any], None]] = {
    cst.If: Run.if_, cst.For: Run.for_, cst.While: Run.while_, cst.Try: Run.try_,
    cst.TryStar: Run.try_, cst.With: Run.with_, cst.Match: Run.match, cst.Assign: Run.assign,
    cst.AnnAssign: Run.annotated, cst.AugAssign: Run.augmented, cst.Del: Run.delete,
    cst.Return: Run.return_, cst.Raise: Run.raise_, cst.Assert: Run.assert_,
    cst.Break: Run.break_, cst.Continue: Run.continue_, cst.Import: Run.import_,
    cst.ImportFrom: Run.import_, cst.FunctionDef: Run.function, cst.ClassDef: Run.class_,
}  # fmt: skip
__all__ = ["Called", "Run", "Written", "truth", "unit_arguments"]
