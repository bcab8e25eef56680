"""What differs between the two runs of a function.

Both runs meet the same expressions. Where one is a constant in one run and another constant, or
something unknown, in the other, all that is made of it and cannot be computed may follow the mode:
``round(0.5 * self.training, 2)``, ``{True: 0.5, False: 0.0}[self.training]``.
"""

from __future__ import annotations

import libcst as cst

from dropout_lint.semantics.interpreter.values import Const, Items, Value

Settled = frozenset[object]
_NOTHING: Settled = frozenset()


def settled(value: Value) -> Settled:
    """The constants of a value, those in containers included; unknown things are all alike."""
    found: list[object] = []
    for atom, _ in value.alternatives:
        if isinstance(atom, Const):
            found.append(atom)
        elif isinstance(atom, Items):
            found.append(tuple(settled(item) for item in atom.items))
    return frozenset(found) if found else _NOTHING


class Contrast:
    """What every expression of a run was worth, compared with the ``other`` run if there is one."""

    def __init__(self, other: Contrast | None = None) -> None:
        self._other = other
        self._seen: dict[cst.CSTNode, set[Settled]] = {}

    def differs(self, node: cst.CSTNode, value: Value) -> bool:
        """Note a value; whether the other run came here too and never with this value."""
        worth = settled(value)
        if self._other is None:
            self._seen.setdefault(node, set()).add(worth)
            return False
        known = self._other._seen.get(node)
        return known is not None and worth not in known
