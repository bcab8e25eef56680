"""The state of a run between two lines, and the join of the states of several paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import libcst as cst

from dropout_lint.semantics.interpreter.guards import FREE, Guards, both, weakest
from dropout_lint.semantics.interpreter.values import (
    Atom,
    Attribute,
    Items,
    Local,
    Opaque,
    Parameter,
    Partial,
    Ref,
    Value,
)
from dropout_lint.vocabulary.modes import speaks_of_mode


@dataclass
class State:
    """The local names, and the guards in front of the next line (None: it does not run).

    ``zeros`` are the parameters and attributes that are known to be zero here, or nothing.
    """

    env: dict[str, Value] = field(default_factory=dict)
    guards: Guards | None = FREE
    zeros: frozenset[str] = frozenset()

    @property
    def is_alive(self) -> bool:
        return self.guards is not None

    def copy(self) -> State:
        return State(dict(self.env), self.guards, self.zeros)

    def known(self, name: str) -> Value | None:
        """The value of a name; an attribute that was not written here is unknown, not unbound."""
        unset = Value.of(Attribute(name)) if name.startswith("self.") else None
        return self.env.get(name, unset)

    def behind(self, guards: Guards | None, zeros: frozenset[str] = frozenset()) -> State:
        """A copy behind further guards (None: dead), where more is known to be zero."""
        return State(dict(self.env), both(self.guards, guards), self.zeros | zeros)

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
        zeros = frozenset.intersection(*(state.zeros for state in alive))
        return State(env, guards, zeros)


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
    """A value that went through a parameter: functions are not followed there."""
    if not any(isinstance(atom, (Ref, Partial)) for atom in value.atoms):
        return value
    return Value.join(
        Value.of(Opaque() if isinstance(atom, (Ref, Partial)) else atom, guards)
        for atom, guards in value.alternatives
    )


def listed(value: Value, node: cst.CSTNode) -> Value:
    """The value of an element of a container; a function knows where it is listed."""
    if not any(isinstance(atom, (Ref, Partial)) for atom in value.atoms):
        return value
    return Value.join(
        Value.of(
            Partial(Value.of(atom), node, listed=True)
            if isinstance(atom, (Ref, Partial))
            else atom,
            guards,
        )
        for atom, guards in value.alternatives
    )


def unlisted(value: Value) -> Value:
    """An element of a container under a name of its own: ``drop, act = F.dropout, F.relu``."""
    if not any(isinstance(atom, Partial) and atom.listed for atom in value.atoms):
        return value
    return Value.join(
        atom.function.behind(guards)
        if isinstance(atom, Partial) and atom.listed
        else Value.of(atom, guards)
        for atom, guards in value.alternatives
    )


def as_built(value: Value) -> Value:
    """A value of a constructor, for the functions that run later.

    A parameter of a constructor is no decision of whoever calls the model: it is settled when the
    module is built, whatever it is.
    """
    if all(not guards and _is_plain(atom) for atom, guards in value.alternatives):
        return value
    return Value.join(
        Value.of(_as_built(atom), settled(guards)) for atom, guards in value.alternatives
    )


def settled(guards: Guards) -> Guards:
    """Guards of a constructor without the options that it was given; a mode stays a decision."""
    if not guards:
        return FREE
    return frozenset(g for g in guards if g.kind != "caller" or speaks_of_mode(g.name))


def _is_plain(atom: Atom) -> bool:
    if isinstance(atom, Local):
        return not atom.captured
    return not isinstance(atom, (Parameter, Attribute, Partial, Items, Opaque))


def _as_built(atom: Atom) -> Atom:
    if isinstance(atom, Parameter):
        return Attribute(f"….{atom.name}")
    if isinstance(atom, Attribute) and atom.caller:
        return Attribute(atom.path)
    if isinstance(atom, Items):
        return Items(tuple(map(as_built, atom.items)), atom.keys)
    if isinstance(atom, Partial):
        held = tuple((arg, as_built(value)) for arg, value in atom.held)
        return Partial(as_built(atom.function), atom.node, held, atom.listed)
    if isinstance(atom, Local):
        return Local(atom.name, atom.node, tuple((n, as_built(v)) for n, v in atom.captured))
    return Opaque(settled(atom.mentions)) if isinstance(atom, Opaque) else atom
