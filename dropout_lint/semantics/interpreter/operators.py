"""Operators on values: arithmetic, comparison, indexing and the conversions of the builtins."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import libcst as cst

from dropout_lint.semantics.interpreter.values import (
    MAYBE,
    NO,
    UNKNOWN,
    YES,
    Atom,
    Attribute,
    Cond,
    Const,
    Guard,
    Guards,
    Instance,
    Items,
    Local,
    Method,
    ModeMethod,
    Opaque,
    Parameter,
    Ref,
    SelfObject,
    Value,
    both,
    mentions_of,
    truth,
    weakest,
)
from dropout_lint.vocabulary import speaks_of_mode

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
_CONVERSIONS: dict[str, Callable[[Any], Any]] = {"int": int, "float": float}


def opaque(*values: Value) -> Value:
    """Something made of the values that nobody knows more about."""
    return Value.of(Opaque(frozenset().union(*(value.mentions for value in values))))


def from_cond(cond: Cond) -> Value:
    """A boolean as a value."""
    found: list[tuple[Atom, Guards]] = []
    if cond.when_true is not None:
        found.append((Const(True), cond.when_true))
    if cond.when_false is not None:
        found.append((Const(False), cond.when_false))
    return Value(tuple(found))


def arithmetic(kind: type, left: Value, right: Value) -> Value:
    found: list[Value] = []
    for a, a_guards in left.alternatives:
        for b, b_guards in right.alternatives:
            found.append(_arithmetic(kind, a, b).behind(a_guards | b_guards))
    return Value.join(found)


def _arithmetic(kind: type, left: Atom, right: Atom) -> Value:
    a, b = number(left), number(right)
    if a is not None and b is not None and kind in _ARITHMETIC:
        try:
            return Value.of(Const(_ARITHMETIC[kind](a, b)))
        except (ArithmeticError, TypeError, ValueError):
            return UNKNOWN
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


def compare(kind: type, left: Value, right: Value) -> Cond:
    true: list[Guards | None] = []
    false: list[Guards | None] = []
    for a, a_guards in left.alternatives:
        for b, b_guards in right.alternatives:
            cond = _compare_atoms(kind, a, b)
            true.append(both(a_guards | b_guards, cond.when_true))
            false.append(both(a_guards | b_guards, cond.when_false))
    return Cond(weakest(*true), weakest(*false))


def _compare_atoms(kind: type, left: Atom, right: Atom) -> Cond:
    if kind not in _COMPARISONS:
        return _by_name(left, right)
    if isinstance(left, Const) and isinstance(right, Const):
        try:
            return YES if _COMPARISONS[kind](left.value, right.value) else NO
        except TypeError:
            return MAYBE
    for one, other in ((left, right), (right, left)):
        if isinstance(other, Const) and other.value is None:
            known = isinstance(one, (Ref, Instance, ModeMethod, Method, Items, SelfObject, Local))
            if not known:
                return MAYBE
            return NO if kind in (cst.Is, cst.Equal) else YES
        if (
            isinstance(other, Const)
            and isinstance(other.value, bool)
            and not isinstance(one, Const)
        ):
            same = kind in (cst.Is, cst.Equal)
            cond = truth(Value.of(one))
            return cond if same == other.value else ~cond
    return _by_name(left, right)


def _by_name(left: Atom, right: Atom) -> Cond:
    """A comparison that cannot be decided: a guard if one of its sides speaks of a mode."""
    guards: set[Guard] = set()
    for one, other in ((left, right), (right, left)):
        name = _name_of(one)
        if isinstance(other, Const) and isinstance(other.value, str):
            # `mode == "lstm"` speaks of no mode, `split == "train"` does.
            if name and speaks_of_mode(other.value):
                guards.add(Guard("flag", f"{name} == {other.value!r}"))
            return Cond(frozenset(guards), frozenset(guards))
        guards.update(guard for guard in mentions_of(one) if guard.may_be_mode)
        if isinstance(one, Ref) and speaks_of_mode(one.name.rpartition(".")[2]):
            guards.add(Guard("flag", one.name))
    return Cond(frozenset(guards), frozenset(guards))


def _name_of(atom: Atom) -> str:
    if isinstance(atom, (Parameter, Ref, Local)):
        return atom.name
    return atom.path if isinstance(atom, Attribute) else ""


def convert(kind: str, atom: Atom) -> Atom:
    if isinstance(atom, Const) and isinstance(atom.value, (bool, int, float)):
        try:
            return Const(_CONVERSIONS[kind](atom.value))
        except (ArithmeticError, ValueError):  # int(1e999), int(float("nan"))
            return Opaque()
    return atom


def number(atom: Atom | None) -> float | None:
    if isinstance(atom, Const) and isinstance(atom.value, (bool, int, float)):
        return atom.value
    return None


def item(atom: Atom, key: Atom) -> Value | None:
    """``(a, b)[0]``, ``(a, b)[self.training]``."""
    if not isinstance(atom, Items) or not isinstance(key, Const):
        return None
    at = key.value
    if isinstance(at, int) and -len(atom.items) <= at < len(atom.items):
        return atom.items[at]
    return None
