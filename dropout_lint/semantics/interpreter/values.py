"""Abstract values: what an expression can be in one mode, and the guards in front of a line.

A function is run twice (see `execution`), once with ``self.training`` true and once with it false.
``self.p if self.training else 0.0`` is ``self.p`` in one run and ``0.0`` in the other. Where
something other than the mode decides (a parameter, another object's ``training``, a flag of the
class), the value carries it as a *guard*. A drop behind a guard is no finding by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

import libcst as cst

from dropout_lint.semantics.interpreter.guards import (
    FREE,
    MODE,
    NO,
    YES,
    Cond,
    Guard,
    Guards,
    mode_guards,
    weakest,
)
from dropout_lint.vocabulary.modes import speaks_of_mode


@dataclass(frozen=True)
class Const:
    """A Python constant. ``kind`` keeps True and 1 apart."""

    value: object
    kind: type = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", type(self.value))


@dataclass(frozen=True)
class Ref:
    """Something imported, by its dotted name."""

    name: str


@dataclass(frozen=True)
class Parameter:
    """A parameter of the function that is run, whose value is not known."""

    name: str


@dataclass(frozen=True)
class Attribute:
    """An attribute whose value is not known: ``self.p``, ``args.dropout``, ``self.ps[]``.

    ``caller`` is the parameter at its root, if it has one.
    """

    path: str
    caller: str = ""


@dataclass(frozen=True)
class SelfObject:
    """The instance the method runs on."""


@dataclass(frozen=True)
class ModeMethod:
    """``self.train`` or ``self.eval`` itself: a bound method, true in every test.

    As a condition it counts as the mode that was meant, ``holds``. That it is always true is a
    finding of another rule.
    """

    name: str
    holds: bool


@dataclass(frozen=True)
class Method:
    """A method of the function's own class; ``node`` is its definition."""

    name: str
    node: cst.CSTNode


@dataclass(frozen=True)
class Super:
    """``super()`` in a method."""


@dataclass(frozen=True)
class Local:
    """A function or class defined in the file; ``node`` is its definition.

    ``captured`` are the names around a nested function that its maker has returned.
    """

    name: str
    node: cst.CSTNode
    captured: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True)
class Instance:
    """A module of the catalog, built by the call ``node``; ``flag`` is its ``training``."""

    name: str
    node: cst.CSTNode
    flag: Value
    size: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", 1 + self.flag.size)


@dataclass(frozen=True)
class Chain:
    """An ``nn.Sequential`` with its modules of the catalog: a call of it calls them."""

    modules: tuple[Instance, ...]

    @property
    def size(self) -> int:
        return 1 + sum(module.size for module in self.modules)


@dataclass(frozen=True)
class Partial:
    """``functools.partial`` of something; ``node`` is the partial call, ``held`` its arguments.

    An element of a container that is a function is one too, of no arguments, with ``listed``.
    """

    function: Value
    node: cst.CSTNode
    held: tuple[tuple[cst.Arg, Value], ...] = ()
    listed: bool = False
    size: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        held = sum(value.size for _, value in self.held)
        object.__setattr__(self, "size", 1 + self.function.size + held)


@dataclass(frozen=True)
class Items:
    """A tuple or list display, or a dict one with its ``keys`` (`Const`, or None if not known)."""

    items: tuple[Value, ...]
    keys: tuple[Const | None, ...] | None = None
    size: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", 1 + sum(item.size for item in self.items))


@dataclass(frozen=True)
class Opaque:
    """Anything else; ``mentions`` are the guards that went into it."""

    mentions: Guards = FREE


Atom: TypeAlias = (
    "Const | Ref | Parameter | Attribute | SelfObject | Super | ModeMethod | Method | Local"
    " | Instance | Chain | Partial | Items | Opaque"
)


@dataclass(frozen=True)
class Value:
    """What an expression can be: alternatives, each behind its guards."""

    alternatives: tuple[tuple[Atom, Guards], ...]

    _CAP = 8
    _MOST_ATOMS = 1000

    @staticmethod
    def of(atom: Atom, guards: Guards = FREE) -> Value:
        return Value(((atom, guards),))

    @staticmethod
    def join(values: Iterable[Value]) -> Value:
        """Any of the values."""
        merged: dict[Atom, Guards] = {}
        for value in values:
            for atom, guards in value.alternatives:
                known = merged.get(atom)
                merged[atom] = guards if known is None else weakest(known, guards) or FREE
        if len(merged) > Value._CAP:
            mentions = [mentions_of(atom) | guards for atom, guards in merged.items()]
            return Value.of(Opaque(frozenset().union(*mentions)))
        return Value(tuple(merged.items()))

    def behind(self, guards: Guards) -> Value:
        """The same value, known only behind further guards."""
        if not guards:
            return self
        return Value(tuple((atom, own | guards) for atom, own in self.alternatives))

    def with_mode(self, node: cst.CSTNode | None, flag: Value) -> Value:
        """The same value after the module built at ``node`` (None: any) got a mode."""
        if not any(isinstance(atom, (Instance, Chain)) for atom in self.atoms):
            return self
        return Value(
            tuple((_with_mode(atom, node, flag), guards) for atom, guards in self.alternatives)
        )

    @property
    def atoms(self) -> tuple[Atom, ...]:
        return tuple(atom for atom, _ in self.alternatives)

    @property
    def size(self) -> int:
        """The number of atoms in the value, those inside of others included."""
        compound = (Instance, Chain, Partial, Items)
        return sum(a.size if isinstance(a, compound) else 1 for a, _ in self.alternatives)

    @property
    def bounded(self) -> Value:
        """The value, or an unknown one if it is too large to be worked with.

        Values share their parts, so that ``t = (t, t)`` in each of forty lines is 2**40 atoms.
        """
        return self if self.size <= Value._MOST_ATOMS else Value.of(Opaque(self.mentions))

    @property
    def only(self) -> Atom | None:
        """The atom, where there is no choice."""
        return self.alternatives[0][0] if len(self.alternatives) == 1 else None

    @property
    def mentions(self) -> Guards:
        """The guards of everything that an expression over this value depends on."""
        mentions = [mentions_of(atom) | guards for atom, guards in self.alternatives]
        return frozenset().union(*mentions)


def _with_mode(atom: Atom, node: cst.CSTNode | None, flag: Value) -> Atom:
    if isinstance(atom, Instance) and node in (None, atom.node):
        return Instance(atom.name, atom.node, flag.bounded)
    if isinstance(atom, Chain):
        changed = (_with_mode(module, node, flag) for module in atom.modules)
        return Chain(tuple(module for module in changed if isinstance(module, Instance)))
    return atom


UNKNOWN = Value.of(Opaque())
NONE = Value.of(Const(None))
FALSY = Value(tuple((Const(constant), FREE) for constant in (0.0, None, False)))


def mentions_of(atom: Atom) -> Guards:
    """The guards of what an expression over this atom depends on."""
    if isinstance(atom, Parameter):
        return frozenset({Guard("caller", atom.name)})
    if isinstance(atom, Attribute) and speaks_of_mode(atom.path.rpartition(".")[2]):
        return frozenset({Guard("flag", atom.path)})
    if isinstance(atom, Opaque):
        return atom.mentions
    if isinstance(atom, Items):
        return frozenset().union(*(item.mentions for item in atom.items))
    return FREE


def depends(value: Value) -> Value:
    """The value with `MODE` on its unknown parts: an operand of it differs between the modes."""
    undecided = {True, False} <= {a.value for a in value.atoms if isinstance(a, Const)}
    guarded: list[Value] = []
    for atom, guards in value.alternatives:
        if isinstance(atom, (Opaque, Attribute)):
            atom = Opaque(mentions_of(atom) | MODE)
        elif isinstance(atom, Const) and isinstance(atom.value, bool) and undecided:
            guards = guards | MODE
        guarded.append(Value.of(atom, guards))
    return Value.join(guarded)


def truth(value: Value) -> Cond:
    """The condition that a value is true."""
    return Cond.any_of((guards, _atom_truth(atom)) for atom, guards in value.alternatives)


def positive(value: Value) -> Cond:
    """The condition that a value, as a drop rate, drops anything."""
    return Cond.any_of((guards, _atom_positive(atom)) for atom, guards in value.alternatives)


def _atom_truth(atom: Atom) -> Cond:
    if isinstance(atom, Const):
        return YES if atom.value else NO
    if isinstance(atom, Items):
        return YES if atom.items else NO
    if isinstance(atom, ModeMethod):
        return YES if atom.holds else NO
    if isinstance(atom, (Parameter, Attribute, Opaque)):
        return Cond.undecided(mode_guards(mentions_of(atom)))
    return YES


def _atom_positive(atom: Atom) -> Cond:
    if isinstance(atom, Const):
        number = isinstance(atom.value, (int, float))
        return YES if number and atom.value > 0 else NO  # type: ignore[operator]
    return Cond.undecided(mentions_of(atom))
