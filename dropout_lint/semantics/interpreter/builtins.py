"""Calls of Python's builtins that can be computed from the values of their arguments."""

from __future__ import annotations

from collections.abc import Sequence

from dropout_lint.semantics.interpreter.operators import convert, from_cond, number
from dropout_lint.semantics.interpreter.values import UNKNOWN, Const, Value, truth


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
            Value.of(convert(kind, atom), guards) for atom, guards in arguments[0].alternatives
        )
    return None
