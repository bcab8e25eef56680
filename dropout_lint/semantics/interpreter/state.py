"""The state of a run between two lines, and the join of the states of several paths."""

from __future__ import annotations

from collections.abc import Sequence
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
        env = dict(alive[0].env)
        for name in _not_alike(alive):
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


def _not_alike(states: Sequence[State]) -> dict[str, None]:
    """The names that are not bound to one object in all states."""
    first, *others = states
    names: dict[str, None] = {}
    for other in others:
        known = first.env.get
        names.update((n, None) for n, value in other.env.items() if known(n) is not value)
        names.update(dict.fromkeys(first.env.keys() - other.env.keys()))
    return names


def as_data(value: Value) -> Value:
    """A value that went through a container or a parameter: functions are not followed there."""
    if not any(isinstance(atom, (Ref, Partial)) for atom in value.atoms):
        return value
    return Value.join(
        Value.of(Opaque() if isinstance(atom, (Ref, Partial)) else atom, guards)
        for atom, guards in value.alternatives
    )
