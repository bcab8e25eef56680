"""The comparison of the two runs of a function, expression by expression.

Both runs evaluate the same expressions. Where one has a constant in one run and another constant,
or something unknown, in the other, whatever is made of it and cannot be computed may depend on the
mode: ``round(0.5 * self.training, 2)``, ``{True: 0.5, False: 0.0}[self.training]``.
"""

from __future__ import annotations

from typing import TypeAlias

import libcst as cst

from dropout_lint.semantics.interpreter.values import Const, Items, Value

Constants: TypeAlias = frozenset[object]
_NOTHING: Constants = frozenset()


def constants_of(value: Value) -> Constants:
    """The constants of a value and of the containers in it; unknown atoms add nothing."""
    constants: list[object] = []
    for atom, _ in value.alternatives:
        if isinstance(atom, Const):
            constants.append(atom)
        elif isinstance(atom, Items):
            constants.append(tuple(constants_of(item) for item in atom.items))
    return frozenset(constants) if constants else _NOTHING


class Record:
    """The constants of every expression of a run, for the other run to compare with."""

    def __init__(self) -> None:
        self.constants: dict[cst.CSTNode, set[Constants]] = {}

    def differs(self, node: cst.CSTNode, value: Value) -> bool:
        """Note a value. There is nothing to compare it with."""
        self.constants.setdefault(node, set()).add(constants_of(value))
        return False


class Comparison:
    """Compares the expressions of a run with the record of the other one."""

    def __init__(self, record: Record) -> None:
        self._constants = record.constants

    def differs(self, node: cst.CSTNode, value: Value) -> bool:
        """Whether the other run evaluated the expression and never had these constants."""
        known = self._constants.get(node)
        return known is not None and constants_of(value) not in known
