"""One function run in the order of its statements: what happens to the results of its drops.

Names are followed by what they hold, so ``x = self.fc(x)`` ends the trail of what x was before. A
function that the order of statements does not tell everything about (one with inner functions,
``global`` or ``match``) is not run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from typing import Any

import libcst as cst

from dropout_lint.fixing.hazards.call_effects import CallEffects, OfParameter
from dropout_lint.fixing.hazards.memory import NOTHING, Memory, NotRun, Object
from dropout_lint.fixing.hazards.values import Outcome, Values
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import parameters_of
from dropout_lint.semantics.syntax.tree import walk

_UNORDERED = (cst.FunctionDef, cst.Lambda, cst.ClassDef, cst.Global, cst.Nonlocal, cst.Match)
# A function is not run where loops in loops come to more than this many runs of a statement.
_RUNS = 40


def outcome_of(
    function: FunctionInfo, effects: CallEffects, known: OfParameter, starts: Set[cst.CSTNode]
) -> Outcome:
    """What a function does to its parameters and to the results of the calls ``starts``.

    Raises `NotRun` where the order of its statements does not tell it.
    """
    nodes = list(walk(function.node.body))
    if any(isinstance(node, _UNORDERED) for node in nodes):
        raise NotRun
    flow = _Flow(function, effects, known, starts, _RUNS * len(nodes))
    flow.run()
    return flow.outcome


class _Loop:
    """The states with which a loop is left or goes on early."""

    def __init__(self) -> None:
        self.left: list[Memory] = []
        self.again: list[Memory] = []


class _Flow:
    def __init__(
        self,
        function: FunctionInfo,
        effects: CallEffects,
        known: OfParameter,
        starts: Set[cst.CSTNode],
        budget: int,
    ) -> None:
        self._function, self._budget = function, budget
        self.outcome = Outcome()
        self._values = Values(function, effects, known, starts, self.outcome)
        self._loops: list[_Loop] = []
        self._raised: list[Memory] = []  # per `try`, the state in which it may be left
        self._ended = False  # whether the last statement does not go on

    def run(self) -> None:
        for parameter in parameters_of(self._function.node):
            name = parameter.name.value
            if name != self._function.self_name:
                self._memory.bind(name, frozenset({Object("parameter", name)}))
        self._suite(self._function.node.body)
        self._leave()

    @property
    def _memory(self) -> Memory:
        return self._values.memory

    def _leave(self) -> None:
        """Note what outlives the call on self."""
        memory, own = self._memory, self._function.self_name
        for path, objects in memory.names.items():
            if path.partition(".")[0] == own:
                self.outcome.drops_kept |= memory.drops_of(memory.reach(objects))

    # --- statements -------------------------------------------------------------------------

    def _suite(self, body: cst.BaseSuite) -> None:
        for statement in body.body:
            if self._ended:
                return
            self._budget -= 1
            if self._budget < 0:
                raise NotRun
            if isinstance(statement, cst.SimpleStatementLine):
                for small in statement.body:
                    self._small(small)
                    self._memory.settle()
            elif isinstance(statement, cst.BaseSmallStatement):
                self._small(statement)
                self._memory.settle()
            else:
                _COMPOUND[type(statement)](self, statement)
            for at, state in enumerate(self._raised):
                self._raised[at] = state.joined(self._memory)

    def _small(self, node: cst.CSTNode) -> None:
        if self._ended:
            return
        values = self._values
        if isinstance(node, cst.Assign):
            targets = [target.target for target in node.targets]
            if len(targets) == 1:
                values.unpack(targets[0], node.value)
            else:
                objects = values.of(node.value)
                for target in targets:
                    values.assign(target, objects)
        elif isinstance(node, cst.AnnAssign):
            if node.value is not None:
                values.unpack(node.target, node.value)
        elif isinstance(node, cst.AugAssign):
            values.augment(node)
        elif isinstance(node, cst.Return):
            if node.value is not None:
                values.give_back(values.of(node.value))
            self._leave()
            self._ended = True
        elif isinstance(node, cst.Raise):
            values.run_below(node)
            self._ended = True
        elif isinstance(node, (cst.Break, cst.Continue)):
            if self._loops:
                loop = self._loops[-1]
                (loop.left if isinstance(node, cst.Break) else loop.again).append(self._memory)
            self._ended = True
        elif isinstance(node, (cst.Import, cst.ImportFrom)):
            pass  # what it binds is no tensor
        elif isinstance(node, cst.Del):
            if isinstance(node.target, cst.Name):
                self._memory.bind(node.target.value, NOTHING)
        else:
            values.run_below(node)

    def _if(self, node: cst.If) -> None:
        self._values.of(node.test)
        self._memory.settle()
        self._branches([node.body, node.orelse])

    def _branches(self, bodies: Sequence[cst.CSTNode | None]) -> None:
        """Run one of some bodies, of which None does nothing."""
        before, ends = self._memory, list[Memory]()
        for body in bodies:
            with self._from(before.copy()):
                if isinstance(body, cst.If):
                    self._if(body)
                elif isinstance(body, (cst.Else, cst.Finally, cst.ExceptHandler)):
                    self._suite(body.body)
                elif isinstance(body, cst.BaseSuite):
                    self._suite(body)
                if not self._ended:
                    ends.append(self._memory)
        self._go_on(ends)

    @contextmanager
    def _from(self, memory: Memory) -> Iterator[None]:
        """Run something in a state, whether or not what came before goes on."""
        self._values.memory, self._ended = memory, False
        yield

    def _go_on(self, ends: Sequence[Memory]) -> None:
        """Go on behind the place where some paths meet."""
        self._ended = not ends
        if ends:
            memory = ends[0]
            for other in ends[1:]:
                memory = memory.joined(other)
            self._values.memory = memory

    def _for(self, node: cst.For) -> None:
        over = f"<loop {len(self._loops)}>"  # held like a name, for drops in the body
        self._memory.bind(over, self._values.of(node.iter))
        self._memory.settle()

        def turn() -> None:
            self._values.assign(node.target, self._values.inside(self._memory.get(over)))

        self._loop(node, turn, lambda: None)
        self._memory.bind(over, NOTHING)

    def _while(self, node: cst.While) -> None:
        def test() -> None:
            self._values.of(node.test)
            self._memory.settle()

        test()
        self._loop(node, lambda: None, test)

    def _loop(
        self, node: cst.For | cst.While, before: Callable[[], None], after: Callable[[], None]
    ) -> None:
        head = self._memory.copy()
        loop = _Loop()
        self._loops.append(loop)
        while True:
            loop.left, loop.again = [], []
            with self._from(head.copy()):
                before()
                self._suite(node.body)
                ends = [*loop.again, *([] if self._ended else [self._memory])]
            next_head = head
            for end in ends:
                self._values.memory = end
                after()
                next_head = next_head.joined(self._memory)
            next_head = next_head.copy()
            if next_head == head:
                break
            head = next_head
        self._loops.pop()
        with self._from(head):
            if node.orelse is not None:
                self._suite(node.orelse.body)
            ends = [*loop.left, *([] if self._ended else [self._memory])]
        self._go_on(ends)

    def _try(self, node: cst.Try | cst.TryStar) -> None:
        self._raised.append(self._memory.copy())
        self._suite(node.body)
        raised = self._raised.pop()
        ends = list[Memory]()
        if node.orelse is not None and not self._ended:
            self._suite(node.orelse.body)
        if not self._ended:
            ends.append(self._memory)
        for handler in node.handlers:
            self._go_on([raised.copy()])
            self._suite(handler.body)
            if not self._ended:
                ends.append(self._memory)
        if node.finalbody is not None:
            self._go_on([raised, *ends])
            ended = not ends
            self._suite(node.finalbody.body)
            self._ended = self._ended or ended
        else:
            self._go_on(ends)

    def _with(self, node: cst.With) -> None:
        for item in node.items:
            objects = self._values.of(item.item)
            if item.asname is not None:
                self._values.assign(item.asname.name, self._values.inside(objects))
        self._memory.settle()
        self._suite(node.body)


_COMPOUND: dict[type, Callable[[_Flow, Any], None]] = {
    cst.If: _Flow._if,
    cst.For: _Flow._for,
    cst.While: _Flow._while,
    cst.Try: _Flow._try,
    cst.TryStar: _Flow._try,
    cst.With: _Flow._with,
}
