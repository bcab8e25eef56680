"""Operators on values: arithmetic, comparison, subscripts, and builtins."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import libcst as cst

from dropout_lint.semantics.interpreter.guards import (
    FREE,
    MAYBE,
    NO,
    YES,
    Cond,
    Guard,
    mode_guards,
)
from dropout_lint.semantics.interpreter.values import (
    UNKNOWN,
    Atom,
    Attribute,
    Const,
    Instance,
    Items,
    Local,
    Method,
    ModeMethod,
    Opaque,
    Parameter,
    Partial,
    Ref,
    SelfObject,
    Value,
    mentions_of,
    truth,
)
from dropout_lint.vocabulary.modes import speaks_of_mode

_MOST_BITS = 1024  # of an int; a float has no larger numbers
_ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    cst.Add: operator.add, cst.Subtract: operator.sub, cst.Multiply: operator.mul,
    cst.Divide: operator.truediv, cst.FloorDivide: operator.floordiv, cst.Modulo: operator.mod,
    cst.BitAnd: operator.and_, cst.BitOr: operator.or_,
}  # fmt: skip
_COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    cst.Equal: operator.eq, cst.NotEqual: operator.ne, cst.LessThan: operator.lt,
    cst.GreaterThan: operator.gt, cst.LessThanEqual: operator.le,
    cst.GreaterThanEqual: operator.ge, cst.Is: operator.is_, cst.IsNot: operator.is_not,
}  # fmt: skip


def opaque(*values: Value) -> Value:
    """An unknown value that is made of other values."""
    return Value.of(Opaque(frozenset().union(*(value.mentions for value in values))))


def from_cond(cond: Cond) -> Value:
    """A boolean as a value."""
    outcomes = ((Const(True), cond.when_true), (Const(False), cond.when_false))
    return Value(tuple((atom, guards) for atom, guards in outcomes if guards is not None))


def arithmetic(kind: type, left: Value, right: Value) -> Value:
    """The value of ``left <operator> right``; ``kind`` is libcst's class of the operator."""
    return Value.join(
        _arithmetic(kind, a, b).behind(a_guards | b_guards)
        for a, a_guards in left.alternatives
        for b, b_guards in right.alternatives
    )


def _arithmetic(kind: type, left: Atom, right: Atom) -> Value:
    a, b = number(left), number(right)
    if a is not None and b is not None and kind in _ARITHMETIC:
        try:
            result = _ARITHMETIC[kind](a, b)
        except (ArithmeticError, TypeError, ValueError):
            return UNKNOWN
        return UNKNOWN if _is_huge(result) else Value.of(Const(result))
    if kind is cst.Multiply and (a == 0 or b == 0):
        return Value.of(Const(0.0))
    if kind is cst.Multiply and (a == 1 or b == 1):
        return Value.of(right if a == 1 else left)
    if kind in (cst.Divide, cst.FloorDivide) and a == 0:
        return Value.of(Const(0.0))
    if kind in (cst.BitAnd, cst.BitOr):
        one, other = truth(Value.of(left)), truth(Value.of(right))
        return from_cond(one & other if kind is cst.BitAnd else one | other)
    return opaque(Value.of(left), Value.of(right))


def _is_huge(result: float) -> bool:
    """Whether a number takes long to compute with: squared once more, an int doubles its digits."""
    return isinstance(result, int) and result.bit_length() > _MOST_BITS


def compare(kind: type, left: Value, right: Value) -> Cond:
    """The condition ``left <comparison> right``; ``kind`` is libcst's class of the operator."""
    return Cond.any_of(
        (a_guards | b_guards, _compare_atoms(kind, a, b))
        for a, a_guards in left.alternatives
        for b, b_guards in right.alternatives
    )


def _compare_atoms(kind: type, left: Atom, right: Atom) -> Cond:
    if kind not in _COMPARISONS:
        return _by_name(left, right)
    if isinstance(left, Const) and isinstance(right, Const):
        try:
            return YES if _COMPARISONS[kind](left.value, right.value) else NO
        except TypeError:
            return MAYBE
    for one, other in ((left, right), (right, left)):
        if not isinstance(other, Const):
            continue
        same = kind in (cst.Is, cst.Equal)
        if other.value is None:
            if not isinstance(one, (Ref, Instance, ModeMethod, Method, Items, SelfObject, Local)):
                return MAYBE
            return NO if same else YES
        if isinstance(other.value, bool) and not isinstance(one, Const):
            cond = truth(Value.of(one))
            return cond if same == other.value else ~cond
    return _by_name(left, right)


def _by_name(left: Atom, right: Atom) -> Cond:
    """A comparison of unknown values, with a guard if one of its sides speaks of a mode."""
    guards: set[Guard] = set()
    for one, other in ((left, right), (right, left)):
        name = _name_of(one)
        if isinstance(other, Const) and isinstance(other.value, str):
            # `mode == "lstm"` speaks of no mode, `split == "train"` does.
            if name and speaks_of_mode(other.value):
                guards.add(Guard("flag", f"{name} == {other.value!r}"))
            return Cond.undecided(frozenset(guards))
        guards |= mode_guards(mentions_of(one))
        if isinstance(one, Ref) and speaks_of_mode(one.name.rpartition(".")[2]):
            guards.add(Guard("flag", one.name))
    return Cond.undecided(frozenset(guards))


def _name_of(atom: Atom) -> str:
    if isinstance(atom, (Parameter, Ref, Local)):
        return atom.name
    return atom.path if isinstance(atom, Attribute) else ""


def computed(name: str, arguments: Sequence[Value]) -> Value | None:
    """The value of a builtin's call; None if it cannot be computed."""
    if name in ("isinstance", "issubclass", "hasattr", "callable"):
        return UNKNOWN  # it depends on the type of its argument only
    if name in ("min", "max") and len(arguments) == 2:
        one, other = (number(value.only) for value in arguments)
        if one is not None and other is not None:
            return Value.of(Const(min(one, other) if name == "min" else max(one, other)))
        if name == "max" and 0 in (one, other):
            return arguments[1 if one == 0 else 0]
    if len(arguments) != 1:
        return None
    if name == "bool":
        return from_cond(truth(arguments[0]))
    if name in ("int", "float"):
        kind = int if name == "int" else float
        return Value.join(
            Value.of(_converted(atom, kind), guards) for atom, guards in arguments[0].alternatives
        )
    return None


def _converted(atom: Atom, kind: type[int | float]) -> Atom:
    if isinstance(atom, Const) and isinstance(atom.value, (bool, int, float)):
        try:
            return Const(kind(atom.value))
        except (ArithmeticError, ValueError):  # int(1e999), int(float("nan"))
            return Opaque()
    return atom


def number(atom: Atom | None) -> float | None:
    """The number that an atom is, if it is a known one."""
    if isinstance(atom, Const) and isinstance(atom.value, (bool, int, float)):
        return atom.value
    return None


def text_of(value: Value | None) -> str | None:
    """The string that a value is, if it is a known one."""
    atom = value.only if value is not None else None
    return atom.value if isinstance(atom, Const) and isinstance(atom.value, str) else None


def part_of_input(value: Value, name: str) -> Value:
    """A part that is taken out of a value, under its name here: `x, training = inputs`.

    What is taken out of a parameter is up to the callers as a parameter of that name would be.
    """
    guard = Guard("caller", name)
    if not guard.may_be_mode or not any(own.kind == "caller" for own in value.mentions):
        return value
    parts: list[Value] = []
    for atom, guards in value.alternatives:
        if isinstance(atom, Const) and isinstance(atom.value, bool):  # a default
            guards = guards | {guard}
        elif isinstance(atom, Opaque):
            atom = Opaque(atom.mentions | {guard})
        parts.append(Value.of(atom, guards))
    return Value.join(parts)


def functions_in(atom: Atom) -> Iterator[Ref | Local]:
    """The functions that an atom is or holds, through partials and containers."""
    if isinstance(atom, (Ref, Local)):
        yield atom
    elif isinstance(atom, (Partial, Items)):
        for value in atom.items if isinstance(atom, Items) else (atom.function,):
            for part in value.atoms:
                yield from functions_in(part)


def parts_of(value: Value, count: int) -> tuple[Value, ...] | None:
    """The parts of a value that is unpacked to so many targets, if it is a row of as many."""
    rows: list[tuple[Value, ...]] = []
    for atom, guards in value.alternatives:
        if not isinstance(atom, Items) or atom.keys is not None or len(atom.items) != count:
            return None
        rows.append(tuple(item.behind(guards) for item in atom.items))
    return tuple(map(Value.join, zip(*rows, strict=True))) if rows else None


def elements_at(container: Atom, index: Value | None = None, is_one: bool = False) -> list[Value]:
    """The values of a subscript: ``(a, b)[0]``, ``(a, b)[self.training]``.

    ``index`` is None for an unknown one and a slice, and the last one of several (not ``is_one``).
    """
    keys = index.alternatives if index is not None and is_one else ()
    elements = [
        element.behind(guards)
        for key, guards in keys
        if (element := _element(container, key)) is not None
    ]
    if keys and len(elements) == len(keys):
        return elements
    if isinstance(container, Attribute):
        return [Value.of(Attribute(f"{container.path}[]", container.caller))]
    if isinstance(container, Items) and is_one and any(functions_in(container)):
        decided = mode_guards(index.mentions) if index is not None else FREE
        return [item.behind(decided) for item in container.items]
    key = text_of(index)
    if key is not None and not isinstance(container, Items):  # `vars(self)["training"]`
        return [opaque(Value.of(container), Value.of(Attribute(f"….{key}")))]
    return [opaque(Value.of(container))]


def _element(container: Atom, key: Atom) -> Value | None:
    if not isinstance(container, Items) or not isinstance(key, Const):
        return None
    if container.keys is not None:
        return container.items[container.keys.index(key)] if key in container.keys else None
    at = key.value
    if isinstance(at, int) and -len(container.items) <= at < len(container.items):
        return container.items[at]
    return None
