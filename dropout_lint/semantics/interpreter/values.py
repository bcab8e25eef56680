"""The mode lattice: what an expression is worth, and whether a line runs, in one mode.

The question "does this follow ``train()``/``eval()``?" is never put to an expression as such. A
function is run twice in the abstract (see `flow`), once with ``self.training`` true and once with
it false, and what comes out is compared: ``self.p if self.training else 0.0`` is ``self.p`` in one
run and ``0.0`` in the other. Where something other than the mode decides (a parameter, another
object's ``training``, a flag of the class's own), the result carries that as a *guard*; a drop
behind a guard is somebody else's decision and no finding by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

import libcst as cst

from dropout_lint.vocabulary import EFFECT_WORDS, speaks_of_mode, words


@dataclass(frozen=True)
class Guard:
    """Something other than ``self.training`` that decides.

    ``caller``: a parameter of the function; ``flag``: an attribute, another object's mode, a name.
    """

    kind: str
    name: str

    @property
    def may_be_mode(self) -> bool:
        """Whether a condition on it may stand for the mode."""
        if self.kind == "caller":
            return speaks_of_mode(self.name) or bool(words(self.name) & EFFECT_WORDS)
        return speaks_of_mode(self.name.rpartition(".")[2])


Guards = frozenset[Guard]
FREE: Guards = frozenset()
# What nobody knows more about than that it may be another thing in the other mode.
MODE: Guards = frozenset({Guard("flag", "self.training")})


def weakest(*reaches: Guards | None) -> Guards | None:
    """The guards of a place that several paths reach; None stands for "not at all"."""
    found = [reach for reach in reaches if reach is not None]
    if not found:
        return None
    if any(not reach for reach in found):
        return FREE
    smallest = min(found, key=len)
    if all(smallest <= reach for reach in found):
        return smallest
    return frozenset().union(*found)


def both(left: Guards | None, right: Guards | None) -> Guards | None:
    """The guards of a place behind two conditions."""
    return None if left is None or right is None else left | right


@dataclass(frozen=True)
class Cond:
    """When a condition can hold and when it can fail; None: it cannot."""

    when_true: Guards | None
    when_false: Guards | None

    def __invert__(self) -> Cond:
        return Cond(self.when_false, self.when_true)

    def __and__(self, other: Cond) -> Cond:
        return Cond(
            both(self.when_true, other.when_true),
            weakest(self.when_false, both(self.when_true, other.when_false)),
        )

    def __or__(self, other: Cond) -> Cond:
        return ~(~self & ~other)


YES = Cond(FREE, None)
NO = Cond(None, FREE)
MAYBE = Cond(FREE, FREE)


# --- atoms: what a value can be -------------------------------------------------------------


@dataclass(frozen=True)
class Const:
    """A Python constant. ``kind`` keeps True and 1 apart."""

    value: object
    kind: type = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", type(self.value))


@dataclass(frozen=True)
class Ref:
    """An imported thing by its dotted name."""

    name: str


@dataclass(frozen=True)
class Parameter:
    """A parameter of the function at hand whose value is not known."""

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

    As a condition it counts as what was meant, ``holds``: that it is always true is a finding of
    its own, and the lines behind it must not be found a second time.
    """

    name: str
    holds: bool


@dataclass(frozen=True)
class Method:
    """Another method of the class at hand; ``node`` is its definition."""

    name: str
    node: cst.CSTNode


@dataclass(frozen=True)
class Super:
    """``super()`` in a method."""


@dataclass(frozen=True)
class Local:
    """A function or class defined in the file; ``node`` is its definition."""

    name: str
    node: cst.CSTNode


@dataclass(frozen=True)
class Instance:
    """A module of the catalog, built by the call ``node``; ``flag`` is its ``training``."""

    name: str
    node: cst.CSTNode
    flag: Value


@dataclass(frozen=True)
class Chain:
    """``nn.Sequential`` built on the spot: a call of it calls the modules of the catalog in it."""

    modules: tuple[Instance, ...]


@dataclass(frozen=True)
class Partial:
    """``functools.partial`` of something; ``node`` is the partial call."""

    function: Value
    node: cst.CSTNode


@dataclass(frozen=True)
class Items:
    """A tuple or list display."""

    items: tuple[Value, ...]


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
    def only(self) -> Atom | None:
        """The atom, where there is no choice."""
        return self.alternatives[0][0] if len(self.alternatives) == 1 else None

    @property
    def mentions(self) -> Guards:
        found = [mentions_of(atom) | guards for atom, guards in self.alternatives]
        return frozenset().union(*found)


def _with_mode(atom: Atom, node: cst.CSTNode | None, flag: Value) -> Atom:
    if isinstance(atom, Instance) and node in (None, atom.node):
        return Instance(atom.name, atom.node, flag)
    if isinstance(atom, Chain):
        changed = (_with_mode(module, node, flag) for module in atom.modules)
        return Chain(tuple(module for module in changed if isinstance(module, Instance)))
    return atom


UNKNOWN = Value.of(Opaque())
NONE = Value.of(Const(None))


def mentions_of(atom: Atom) -> Guards:
    """What an expression over this atom would depend on."""
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
    """The value with its unknown parts guarded, since what it is made of differs between modes."""
    undecided = {True, False} <= {a.value for a in value.atoms if isinstance(a, Const)}
    found: list[tuple[Atom, Guards]] = []
    for atom, guards in value.alternatives:
        if isinstance(atom, (Opaque, Attribute)):
            atom = Opaque(mentions_of(atom) | MODE)
        elif isinstance(atom, Const) and isinstance(atom.value, bool) and undecided:
            guards = guards | MODE
        found.append((atom, guards))
    return Value.join(Value.of(*pair) for pair in found)


def truth(value: Value) -> Cond:
    """When the value is true and when it is false."""
    return _over(value, _atom_truth)


def positive(value: Value) -> Cond:
    """When the value, as a drop rate, drops anything."""
    return _over(value, _atom_positive)


def _over(value: Value, judge: Callable[[Atom], Cond]) -> Cond:
    true: list[Guards | None] = []
    false: list[Guards | None] = []
    for atom, guards in value.alternatives:
        cond = judge(atom)
        true.append(both(guards, cond.when_true))
        false.append(both(guards, cond.when_false))
    return Cond(weakest(*true), weakest(*false))


def _atom_truth(atom: Atom) -> Cond:
    if isinstance(atom, Const):
        return YES if atom.value else NO
    if isinstance(atom, Items):
        return YES if atom.items else NO
    if isinstance(atom, ModeMethod):
        return YES if atom.holds else NO
    if isinstance(atom, (Parameter, Attribute, Opaque)):
        mode_guards = frozenset(guard for guard in mentions_of(atom) if guard.may_be_mode)
        return Cond(mode_guards, mode_guards)
    return YES


def _atom_positive(atom: Atom) -> Cond:
    if isinstance(atom, Const):
        number = isinstance(atom.value, (int, float))
        return YES if number and atom.value > 0 else NO  # type: ignore[operator]
    mentions = mentions_of(atom)
    return Cond(mentions, mentions)
