"""Where a run stands: the local names and the gates in front of the next line."""

from __future__ import annotations

from dataclasses import dataclass, field

from dropout_lint.semantics.modes import (
    FREE,
    Attribute,
    Gates,
    Opaque,
    Partial,
    Ref,
    Value,
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

    @staticmethod
    def join(*states: State) -> State:
        """The state after paths have met."""
        alive = [state for state in states if state.gates is not None]
        if not alive:
            return State(dict(states[0].env), None)
        gates = weakest(*(state.gates for state in alive)) or FREE
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


def as_data(value: Value) -> Value:
    """A value as it goes through a container or a parameter: functions are not followed there."""
    if not any(isinstance(atom, (Ref, Partial)) for atom in value.atoms):
        return value
    return Value.join(
        Value.of(Opaque() if isinstance(atom, (Ref, Partial)) else atom, gates)
        for atom, gates in value.alternatives
    )
