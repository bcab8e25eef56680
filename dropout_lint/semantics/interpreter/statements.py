"""Compound statements in one mode: branches, loops, ``try``, ``with`` and ``match``.

Where the mode decides, one branch is executed. Where it does not, all are, and their states are
joined. A line behind an early ``return``, ``raise``, ``continue`` or ``break`` has the guards under
which it is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import libcst as cst

from dropout_lint.semantics.interpreter.contrast import constants_of
from dropout_lint.semantics.interpreter.guards import FREE, MODE, Cond, both, mode_guards
from dropout_lint.semantics.interpreter.operators import compare, opaque
from dropout_lint.semantics.interpreter.simple_statements import Loop, SimpleStatements
from dropout_lint.semantics.interpreter.state import State
from dropout_lint.semantics.interpreter.values import UNKNOWN, Items, Value

_LOOP_DEPTH = 4


class Branches:
    """The branches of one statement, and the states at their ends.

    Where no branch ends early or adds a guard, the line behind the statement has the guards of the
    line before it.
    """

    def __init__(self, statements: SimpleStatements) -> None:
        self._statements = statements
        self._before = statements.state.guards
        self._ends: list[State] = []
        self._all_complete = True

    @contextmanager
    def branch(self, state: State) -> Iterator[None]:
        """Run one branch, which starts with this state."""
        start = state.guards
        self._statements.state = state
        yield
        end = self._statements.state
        self._all_complete = self._all_complete and end.guards == start
        self._ends.append(end)

    def joined(self) -> State:
        """The state behind the statement."""
        decides_nothing = self._all_complete and sum(end.is_alive for end in self._ends) > 1
        return State.join(*self._ends, before=self._before if decides_nothing else None)


class Statements(SimpleStatements):
    """Executes the statements of one function in one mode."""

    @contextmanager
    def branches(self) -> Iterator[Branches]:
        """The branches of one statement. Behind it the states at their ends are joined."""
        branches = Branches(self)
        yield branches
        self.state = branches.joined()

    def block(self, body: cst.CSTNode | None) -> None:
        """Execute statements up to the end of the path."""
        statements: Iterable[cst.CSTNode | None] = (body,)
        if isinstance(body, (cst.IndentedBlock, cst.SimpleStatementSuite, cst.SimpleStatementLine)):
            statements = body.body
        for statement in statements:
            if statement is None or not self.state.is_alive:
                return
            if isinstance(statement, cst.SimpleStatementLine):
                self.block(statement)
                continue
            handler = _COMPOUND.get(type(statement))
            with self.operands():
                if handler is not None:
                    handler(self, statement)
                else:
                    self.simple(statement)

    def if_(self, node: cst.If) -> None:
        cond = self.cond(node.test)
        before = self.state
        orelse = node.orelse.body if isinstance(node.orelse, cst.Else) else node.orelse
        with self.branches() as branches:
            zeros = [self.zeros_where(node.test, holds) for holds in (True, False)]
            with branches.branch(before.behind(cond.when_true, zeros[0])):
                self.block(node.body)
            with branches.branch(before.behind(cond.when_false, zeros[1])):
                self.block(orelse)

    def for_(self, node: cst.For) -> None:
        iterable = self.eval(node.iter)
        # Perhaps the iterable is empty in one of the modes.
        known = isinstance(iterable.only, Items) and iterable.only.items
        reach = MODE if self.operand_differs and not known else FREE

        def enter() -> Cond:
            self.bind_loop(node.target, iterable)
            return Cond(reach, FREE)

        self._loop(enter, node.body, node.orelse)

    def while_(self, node: cst.While) -> None:
        self._loop(lambda: self.cond(node.test), node.body, node.orelse)

    def _loop(self, enter: Callable[[], Cond], body: cst.CSTNode, orelse: cst.Else | None) -> None:
        loop = Loop()
        self.loops.append(loop)
        ended: list[State] = []
        before, abrupt = self.state.guards, self.abrupt
        head = self.state
        # The second round sees what the first one assigned. Deep inside there is one round only.
        for turn in range(3 if len(self.loops) <= _LOOP_DEPTH else 1):
            if turn == 2 and not self._widen(head):
                break
            head = self.state.copy()
            cond = enter()
            ended.append(self.state.behind(cond.when_false))
            self.state.guards = both(self.state.guards, cond.when_true)
            self.block(body)
            self.state = State.join(head, self.state, *loop.continues)
            if not self.state.is_alive:
                break
        self.loops.pop()
        ended.append(self.state.behind(ended[0].guards))
        self.state = State.join(*ended)
        self.block(orelse.body if orelse is not None else None)
        self.state = State.join(self.state, *loop.breaks)
        if self.abrupt == abrupt and self.state.is_alive:
            self.state.guards = before  # no path leaves the function inside the loop

    def _widen(self, head: State) -> bool:
        """Forget the values that change from round to round (counters); whether there are any."""
        changing = {
            name: opaque(value)
            for name, value in self.state.env.items()
            if name in head.env and not constants_of(value) <= constants_of(head.env[name])
        }
        self.state.env.update(changing)
        return bool(changing)

    def try_(self, node: cst.Try | cst.TryStar) -> None:
        before, exits = self.state.copy(), len(self.exits)
        self.block(node.body)
        broken = State.join(before, self.state)
        broken.guards = before.guards
        self.block(node.orelse.body if node.orelse is not None else None)
        ends = [self.state]
        for handler in node.handlers:
            self.state = broken.copy()
            if handler.name is not None:
                self.bind(handler.name.name, UNKNOWN)
            self.block(handler.body)
            ends.append(self.state)
        self.state = State.join(*ends)
        if node.finalbody is not None:
            self.leave_through(node.finalbody, self.exits[exits:])
            was_alive = self.state.is_alive
            if not was_alive:
                self.state = State(dict(self.state.env), before.guards)
            self.block(node.finalbody.body)
            if not was_alive:
                self.state.guards = None

    def leave_through(self, node: cst.Finally, exits: list[State]) -> None:
        """What ``finally`` does on the paths that return in front of it: nothing that matters."""

    def with_(self, node: cst.With) -> None:
        for item in node.items:
            value = self.eval(item.item)
            if item.asname is not None:
                self.bind(item.asname.name, opaque(value))
        self.block(node.body)

    def match(self, node: cst.Match) -> None:
        subject = self.eval(node.subject)
        open_ = MODE if self.operand_differs else FREE
        with self.branches() as branches:
            for case in node.cases:
                before = self.state
                self.state = before.copy()
                cond = self._pattern(case.pattern, subject)
                if cond.when_true is not None and cond.when_false is not None:
                    cond = Cond(cond.when_true | open_, cond.when_false | open_)
                self.state.guards = both(self.state.guards, cond.when_true)
                if case.guard is not None and self.state.is_alive:
                    guard = self.cond(case.guard)
                    cond = cond & guard
                    self.state.guards = both(self.state.guards, guard.when_true)
                with branches.branch(self.state):
                    self.block(case.body)
                self.state = before.behind(cond.when_false)
                if not self.state.is_alive:
                    break
            with branches.branch(self.state):
                pass  # no case matches

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
        return Cond.undecided(mode_guards(subject.mentions))


_COMPOUND: dict[type, Callable[[Any, Any], None]] = {
    cst.If: Statements.if_,
    cst.For: Statements.for_,
    cst.While: Statements.while_,
    cst.Try: Statements.try_,
    cst.TryStar: Statements.try_,
    cst.With: Statements.with_,
    cst.Match: Statements.match,
}
