"""Where a run stands: the local names and the gates in front of the next line."""

from __future__ import annotations

from dataclasses import dataclass, field

from dropout_lint.semantics.interpreter.values import (
    FREE,
    Attribute,
    Gates,
    Opaque,
    Partial,
    Ref,
    Value,
    both,
    weakest,
)


@dataclass
class State:
    """Where the run stands: local names, and the gates in front of the next line (None: dead)."""

    env: dict[str, Value] = field(default_factory=dict)
    gates: Gates | None = FREE

    def copy(self) -> State:
        return State(dict(self.env), self.gates)

    def known(self, name: str) -> Value | None:
        """The value of a name; an attribute that was not written here is unknown, not unbound."""
        unset = Value.of(Attribute(name)) if name.startswith("self.") else None
        return self.env.get(name, unset)

    def behind(self, gates: Gates | None) -> State:
        """A copy behind further gates (None: dead)."""
        return State(dict(self.env), both(self.gates, gates))

    @staticmethod
    def join(*states: State, before: Gates | None = None) -> State:
        """The state after paths have met, behind the gates of ``before`` if all of them have."""
        alive = [state for state in states if state.gates is not None]
        if not alive:
            return State(dict(states[0].env), None)
        gates = before if before is not None else weakest(*(s.gates for s in alive)) or FREE
        env: dict[str, Value] = {}
        for name in dict.fromkeys(name for state in alive for name in state.env):
            values = [
                (value, state.gates or FREE)
                for state in alive
                if (value := state.known(name)) is not None
            ]
            first = values[0][0]
            if all(value == first for value, _ in values):
                env[name] = first
            else:
                env[name] = Value.join(value.behind(own - gates) for value, own in values)
        return State(env, gates)


class Paths:
    """The branches of one statement: where all of them go on, nothing is decided behind it."""

    def __init__(self, before: Gates | None) -> None:
        self._before = before
        self._ends: list[State] = []
        self._opened: Gates | None = None
        self._whole = True

    def open(self, state: State) -> State:
        """Enter a branch."""
        self._opened = state.gates
        return state

    def close(self, state: State) -> None:
        """Come to the end of a branch."""
        self._whole = self._whole and state.gates == self._opened
        self._ends.append(state)

    def met(self) -> State:
        forks = len([state for state in self._ends if state.gates is not None]) > 1
        return State.join(*self._ends, before=self._before if self._whole and forks else None)


def as_data(value: Value) -> Value:
    """A value as it goes through a container or a parameter: functions are not followed there."""
    if not any(isinstance(atom, (Ref, Partial)) for atom in value.atoms):
        return value
    return Value.join(
        Value.of(Opaque() if isinstance(atom, (Ref, Partial)) else atom, gates)
        for atom, gates in value.alternatives
    )
