"""Statements in one mode.

Branches that the mode decides are taken or left; where it does not decide, both are, and the
paths meet again. What is left behind early ``return``, ``raise``, ``continue`` and ``break`` is
known to be so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import libcst as cst

from dropout_lint.semantics.interpreter.calls import Evaluator
from dropout_lint.semantics.interpreter.contrast import settled
from dropout_lint.semantics.interpreter.operators import arithmetic, compare, opaque
from dropout_lint.semantics.interpreter.state import Paths, State
from dropout_lint.semantics.interpreter.values import (
    FREE,
    MODE,
    NONE,
    UNKNOWN,
    Cond,
    Guards,
    Items,
    SelfObject,
    Value,
    both,
    depends,
)
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.names import Scope

if TYPE_CHECKING:
    from dropout_lint.semantics.model import SemanticModel


_LOOP_DEPTH = 4


@dataclass(frozen=True)
class Written:
    """An assignment to an attribute of ``self`` as it was met."""

    target: cst.Attribute
    statement: cst.CSTNode
    value: Value
    guards: Guards


@dataclass(eq=False)
class _Loop:
    breaks: list[State] = field(default_factory=list)
    continues: list[State] = field(default_factory=list)


class Statements(Evaluator):
    """Executes statements of one scope in one mode; `run.Run` adds the calls between functions."""

    def __init__(
        self,
        model: SemanticModel,
        scope: Scope,
        training: bool,
        owner: ClassInfo | None,
        own: str | None,
    ) -> None:
        super().__init__(model, scope, training, owner, own)
        self.written: list[Written] = []
        self.returns: list[Value] = []
        self.building = False
        self.abrupt = 0  # how often a path was met that leaves the function, or may
        self.exits: list[State] = []  # where it returns
        self._loops: list[_Loop] = []

    @property
    def returned(self) -> Value:
        return Value.join(self.returns) if self.returns else NONE

    def block(self, body: cst.CSTNode) -> None:
        if isinstance(body, (cst.IndentedBlock, cst.SimpleStatementSuite, cst.SimpleStatementLine)):
            statements: Iterable[cst.CSTNode] = body.body
        else:
            statements = (body,)
        for statement in statements:
            if self.state.guards is None:
                return
            self.differs = False
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
        paths = Paths(before.guards)
        self.state = paths.open(before.behind(cond.when_true))
        if self.state.guards is not None:
            self.block(node.body)
        paths.close(self.state)
        self.state = paths.open(before.behind(cond.when_false))
        if self.state.guards is not None and node.orelse is not None:
            self.block(node.orelse.body if isinstance(node.orelse, cst.Else) else node.orelse)
        paths.close(self.state)
        self.state = paths.met()

    def for_(self, node: cst.For) -> None:
        iterable = self.eval(node.iter)
        # Perhaps there is nothing to iterate over in one of the modes.
        known = isinstance(iterable.only, Items) and iterable.only.items
        reach = MODE if self.differs and not known else FREE

        def enter() -> Cond:
            self.bind_loop(node.target, iterable)
            return Cond(reach, FREE)

        self._loop(enter, node.body, node.orelse)

    def while_(self, node: cst.While) -> None:
        self._loop(lambda: self.cond(node.test), node.body, node.orelse)

    def _loop(self, enter: Callable[[], Cond], body: cst.CSTNode, orelse: cst.Else | None) -> None:
        loop = _Loop()
        self._loops.append(loop)
        ended: list[State] = []
        before, abrupt = self.state.guards, self.abrupt
        head = self.state
        # The second round sees what the first assigned; far inside, one must do.
        for turn in range(3 if len(self._loops) <= _LOOP_DEPTH else 1):
            if turn == 2 and not self._widen(head):
                break
            head = self.state.copy()
            cond = enter()
            ended.append(self.state.behind(cond.when_false))
            self.state.guards = both(self.state.guards, cond.when_true)
            if self.state.guards is not None:
                self.block(body)
            self.state = State.join(head, self.state, *loop.continues)
            if self.state.guards is None:
                break
        self._loops.pop()
        ended.append(self.state.behind(ended[0].guards))
        self.state = State.join(*ended)
        if orelse is not None and self.state.guards is not None:
            self.block(orelse.body)
        self.state = State.join(self.state, *loop.breaks)
        if self.abrupt == abrupt and self.state.guards is not None:
            self.state.guards = before  # every round goes on behind the loop, or in the next one

    def _widen(self, head: State) -> bool:
        """Forget what goes on changing from round to round: counters; whether there are any."""
        found = False
        for name, value in self.state.env.items():
            known = head.env.get(name)
            if known is not None and not settled(value) <= settled(known):
                self.state.env[name] = opaque(value)
                found = True
        return found

    def try_(self, node: cst.Try | cst.TryStar) -> None:
        before = self.state.copy()
        self.block(node.body)
        broken = State.join(before, self.state)
        broken.guards = before.guards
        if node.orelse is not None and self.state.guards is not None:
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
            dead = self.state.guards is None
            if dead:
                self.state = State(dict(self.state.env), before.guards)
            self.block(node.finalbody.body)
            if dead:
                self.state.guards = None

    def with_(self, node: cst.With) -> None:
        for item in node.items:
            value = self.eval(item.item)
            if item.asname is not None:
                self.bind(item.asname.name, opaque(value))
        self.block(node.body)

    def match(self, node: cst.Match) -> None:
        subject = self.eval(node.subject)
        open_ = MODE if self.differs else FREE
        paths = Paths(self.state.guards)
        for case in node.cases:
            before = self.state
            self.state = before.copy()
            cond = self._pattern(case.pattern, subject)
            if cond.when_true is not None and cond.when_false is not None:
                cond = Cond(cond.when_true | open_, cond.when_false | open_)
            self.state.guards = both(self.state.guards, cond.when_true)
            if case.guard is not None and self.state.guards is not None:
                guard = self.cond(case.guard)
                cond = cond & guard
                self.state.guards = both(self.state.guards, guard.when_true)
            paths.open(self.state)
            if self.state.guards is not None:
                self.block(case.body)
            paths.close(self.state)
            self.state = before.behind(cond.when_false)
            if self.state.guards is None:
                break
        paths.close(paths.open(self.state))
        self.state = paths.met()

    def _pattern(self, pattern: cst.MatchPattern, subject: Value) -> Cond:
        if isinstance(pattern, (cst.MatchValue, cst.MatchSingleton)):
            kind = cst.Equal if isinstance(pattern, cst.MatchValue) else cst.Is
            return compare(kind, subject, self.eval(pattern.value))
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
        mode_guards = frozenset(guard for guard in subject.mentions if guard.may_be_mode)
        return Cond(mode_guards, mode_guards)

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
        value = arithmetic(kind, before, right) if kind else opaque(before, right)
        value = depends(value) if self.differs else value
        self._write(node.target, node, value)

    def _write(self, target: cst.CSTNode, statement: cst.CSTNode, value: Value) -> None:
        if isinstance(target, cst.Attribute) and self.state.guards is not None:
            if isinstance(self.eval(target.value).only, SelfObject) and not self.building:
                self.written.append(Written(target, statement, value, self.state.guards))
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
        """The path ends here."""
        self.abrupt += 1
        self.state.guards = None

    def assert_(self, node: cst.Assert) -> None:
        self.abrupt += 1
        self.state.guards = both(self.state.guards, self.cond(node.test).when_true)

    def break_(self, node: cst.Break) -> None:
        if self._loops:
            self._loops[-1].breaks.append(self.state.copy())
        self.state.guards = None

    def continue_(self, node: cst.Continue) -> None:
        if self._loops:
            self._loops[-1].continues.append(self.state.copy())
        self.state.guards = None

    def import_(self, node: cst.Import | cst.ImportFrom) -> None:
        """A local import binds what the resolver says it binds."""
        for name, bindings in self.scope.bindings.items():
            if any(binding.node is node for binding in bindings):
                self.state.env[name] = self.model.static(name, self.scope)

    def definition(self, node: cst.FunctionDef) -> None:
        for decorator in node.decorators:
            self.eval(decorator.decorator)
        self.state.env[node.name.value] = self.closure(node)

    def class_(self, node: cst.ClassDef) -> None:
        """A class built in a function: its methods are functions of their own."""
        self.state.env[node.name.value] = UNKNOWN


_AUGMENTED: dict[type, type] = {
    cst.AddAssign: cst.Add, cst.SubtractAssign: cst.Subtract, cst.MultiplyAssign: cst.Multiply,
    cst.DivideAssign: cst.Divide, cst.BitAndAssign: cst.BitAnd, cst.BitOrAssign: cst.BitOr,
}  # fmt: skip
_STATEMENTS: dict[type, Callable[[Any, Any], None]] = {
    cst.If: Statements.if_,
    cst.For: Statements.for_,
    cst.While: Statements.while_,
    cst.Try: Statements.try_,
    cst.TryStar: Statements.try_,
    cst.With: Statements.with_,
    cst.Match: Statements.match,
    cst.Assign: Statements.assign,
    cst.AnnAssign: Statements.annotated,
    cst.AugAssign: Statements.augmented,
    cst.Del: Statements.delete,
    cst.Return: Statements.return_,
    cst.Raise: Statements.raise_,
    cst.Assert: Statements.assert_,
    cst.Break: Statements.break_,
    cst.Continue: Statements.continue_,
    cst.Import: Statements.import_,
    cst.ImportFrom: Statements.import_,
    cst.FunctionDef: Statements.definition,
    cst.ClassDef: Statements.class_,
}
