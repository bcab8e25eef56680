"""Where the names of a file stand: found once, then asked for below any node."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import libcst as cst

from dropout_lint.semantics.syntax.tree import Tree, tail_of


class Places:
    """The names and attributes of a file by their last name, in source order."""

    def __init__(self, tree: Tree) -> None:
        self._order = tree.order
        self._last = dict(tree.order)  # the place of the last node below each node
        self._spelled: dict[str, tuple[list[int], list[cst.Name | cst.Attribute]]] = {}
        for node in reversed(tree.order):
            above = tree.parent(node)
            if above is not None:
                self._last[above] = max(self._last[above], self._last[node])
        for node, place in tree.order.items():
            kind = type(node)
            if kind is cst.Name or kind is cst.Attribute:
                places, nodes = self._spelled.setdefault(tail_of(node), ([], []))
                places.append(place)
                nodes.append(node)  # type: ignore[arg-type]

    def spelled(self, name: str, inside: cst.CSTNode) -> list[cst.Name | cst.Attribute]:
        """The names ``name`` and attributes ``….name`` at or below a node."""
        places, nodes = self._spelled.get(name, ([], []))
        first = bisect_left(places, self._order[inside])
        return nodes[first : bisect_right(places, self._last[inside])]

    def names(self, name: str, inside: cst.CSTNode) -> list[cst.Name]:
        """The names ``name`` at or below a node, the last ones of attributes among them."""
        return [node for node in self.spelled(name, inside) if isinstance(node, cst.Name)]

    def attributes(self, name: str, inside: cst.CSTNode) -> list[cst.Attribute]:
        """The attributes ``….name`` at or below a node."""
        return [node for node in self.spelled(name, inside) if isinstance(node, cst.Attribute)]
