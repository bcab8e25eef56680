"""Where a run stands: the local names and the guards in front of the next line."""

from __future__ import annotations

from dataclasses import dataclass, field

from dropout_lint.semantics.interpreter.values import (
    FREE,
    Attribute,
    Guards,
    Opaque,
    Partial,
    Ref,
    Value,
    both,
    weakest,
)


@dataclass
class State:
    """Where the run stands: local names, and the guards in front of the next line (None: dead)."""

    env: dict[str, Value] = field(default_factory=dict)
    guards: Guards | None = FREE

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
        """The state after paths have met, behind the guards of ``before`` if all of them have."""
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


class Paths:
    """The branches of one statement: where all of them go on, nothing is decided behind it."""

    def __init__(self, before: Guards | None) -> None:
        self._before = before
        self._ends: list[State] = []
        self._opened: Guards | None = None
        self._whole = True

    def open(self, state: State) -> State:
        """Enter a branch."""
        self._opened = state.guards
        return state

    def close(self, state: State) -> None:
        """Come to the end of a branch."""
        self._whole = self._whole and state.guards == self._opened
        self._ends.append(state)

    def met(self) -> State:
        forks = len([state for state in self._ends if state.guards is not None]) > 1
        return State.join(*self._ends, before=self._before if self._whole and forks else None)


def as_data(value: Value) -> Value:
    """A value as it goes through a container or a parameter: functions are not followed there."""
    if not any(isinstance(atom, (Ref, Partial)) for atom in value.atoms):
        return value
    return Value.join(
        Value.of(Opaque() if isinstance(atom, (Ref, Partial)) else atom, guards)
        for atom, guards in value.alternatives
    )
