"""The state of a run between two lines, and how the states of several paths are joined."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dropout_lint.semantics.interpreter.guards import FREE, Guards, both, weakest
from dropout_lint.semantics.interpreter.values import Attribute, Opaque, Partial, Ref, Value


@dataclass
class State:
    """The local names, and the guards in front of the next line (None: it does not run)."""

    env: dict[str, Value] = field(default_factory=dict)
    guards: Guards | None = FREE

    @property
    def is_alive(self) -> bool:
        return self.guards is not None

    def copy(self) -> State:
        return State(dict(self.env), self.guards)

    def known(self, name: str) -> Value | None:
        """The value of a name; an attribute that was not written here is unknown, not unbound."""
        unset = Value.of(Attribute(name)) if name.startswith("self.") else None
        return self.env.get(name, unset)

    def behind(self, guards: Guards | None) -> State:
        """A copy behind further guards (None: dead)."""
        return State(dict(self.env), both(self.guards, guards))

    @staticmethod
    def join(*states: State, before: Guards | None = None) -> State:
        """The state after several paths; behind the guards of ``before``, if they are given."""
        alive = [state for state in states if state.guards is not None]
        if not alive:
            return State(dict(states[0].env), None)
        guards = before if before is not None else weakest(*(s.guards for s in alive)) or FREE
        env: dict[str, Value] = {}
        for name in dict.fromkeys(name for state in alive for name in state.env):
            values = [
                (value, state.guards or FREE)
                for state in alive
                if (value := state.known(name)) is not None
            ]
            first = values[0][0]
            if all(value == first for value, _ in values):
                env[name] = first
            else:
                env[name] = Value.join(value.behind(own - guards) for value, own in values)
        return State(env, guards)


class StateHolder:
    """Something that runs and has a current state."""

    state: State

    @contextmanager
    def branches(self) -> Iterator[Branches]:
        """The branches of one statement. Behind it the states at their ends are joined."""
        branches = Branches(self)
        yield branches
        self.state = branches.joined()


class Branches:
    """The branches of one statement.

    Where no branch ends early or adds a guard, the line behind the statement has the guards of the
    line before it.
    """

    def __init__(self, holder: StateHolder) -> None:
        self._holder = holder
        self._before = holder.state.guards
        self._ends: list[State] = []
        self._all_complete = True

    @contextmanager
    def branch(self, state: State) -> Iterator[State]:
        """Run one branch, from a state to whatever state the block leaves."""
        start = state.guards
        self._holder.state = state
        yield state
        end = self._holder.state
        self._all_complete = self._all_complete and end.guards == start
        self._ends.append(end)

    def joined(self) -> State:
        forks = sum(end.is_alive for end in self._ends) > 1
        return State.join(
            *self._ends, before=self._before if self._all_complete and forks else None
        )


def as_data(value: Value) -> Value:
    """A value that went through a container or a parameter: functions are not followed there."""
    if not any(isinstance(atom, (Ref, Partial)) for atom in value.atoms):
        return value
    return Value.join(
        Value.of(Opaque() if isinstance(atom, (Ref, Partial)) else atom, guards)
        for atom, guards in value.alternatives
    )
