"""The statements by which lists and containers of a file grow, and loops through them."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from dropout_lint.fixing.instances.nodes import path_of
from dropout_lint.fixing.library_names import GIVES_ELEMENTS
from dropout_lint.python_names import GROWING_METHODS
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.tree import tail_of, walk

_ADDS_ALL = frozenset({"extend", "update"})


@dataclass(frozen=True, eq=False)
class Growth:
    """A statement that adds values to a container; ``spread``: the elements of each value.

    ``blocks`` are the suites of loops and branches around it in its function, outermost first.
    """

    node: cst.Call | cst.AugAssign | cst.Assign
    values: tuple[cst.BaseExpression, ...]
    spread: bool
    blocks: tuple[cst.CSTNode, ...]


def growths_by_path(model: SemanticModel) -> dict[str, list[Growth]]:
    """The statements of a file that make a container grow, by the path of the container."""
    growths: dict[str, list[Growth]] = {}
    for node in walk(model.tree.module):
        target: cst.CSTNode | None = None
        spread, values = False, tuple[cst.BaseExpression, ...]()
        if isinstance(node, cst.AugAssign):
            target, values, spread = node.target, (node.value,), True
        elif isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.args:
            method = node.func.attr.value
            if method in GROWING_METHODS or method == "add_module":
                target, values = node.func.value, (node.args[-1].value,)
                spread = method in _ADDS_ALL
        elif isinstance(node, cst.Assign) and isinstance(node.targets[0].target, cst.Subscript):
            target, values = node.targets[0].target.value, (node.value,)
        if target is not None and isinstance(node, (cst.Call, cst.AugAssign, cst.Assign)):
            path = path_of(target)
            if path:
                found = Growth(node, values, spread, _blocks(model, node))
                growths.setdefault(path, []).append(found)
    return growths


def iterated(node: cst.BaseExpression) -> cst.BaseExpression:
    """What an expression has the elements of: ``x`` for ``x[1:]``, ``list(x)``, ``x.values()``."""
    while True:
        if isinstance(node, cst.Subscript) and any(
            isinstance(element.slice, cst.Slice) for element in node.slice
        ):
            node = node.value
        elif isinstance(node, cst.Call) and tail_of(node.func) in GIVES_ELEMENTS:
            if isinstance(node.func, cst.Attribute):
                node = node.func.value
            elif len(node.args) == 1:
                node = node.args[0].value
            else:
                return node
        else:
            return node


def part_of(
    target: cst.BaseExpression, over: cst.BaseExpression, name: str
) -> cst.BaseExpression | None:
    """What a loop variable goes through: that of ``b`` in ``for i, (a, b) in …zip(x, y)``."""
    if isinstance(target, cst.Name):
        return over if target.value == name else None
    if not isinstance(target, cst.Tuple):
        return None
    at = next((at for at, e in enumerate(target.elements) if _binds(e.value, name)), None)
    if at is None or not isinstance(over, cst.Call):
        return None
    inner, kind = target.elements[at].value, tail_of(over.func)
    if kind == "enumerate" and at == 1 and over.args:
        return part_of(inner, over.args[0].value, name)
    if kind == "zip" and at < len(over.args) and not any(arg.star for arg in over.args):
        return part_of(inner, over.args[at].value, name)
    if kind in ("items", "named_children") and at == 1 and isinstance(over.func, cst.Attribute):
        return part_of(inner, over.func.value, name)
    return None


def _binds(target: cst.BaseExpression, name: str) -> bool:
    if isinstance(target, cst.Tuple):
        return any(_binds(element.value, name) for element in target.elements)
    return isinstance(target, cst.Name) and target.value == name


def _blocks(model: SemanticModel, node: cst.CSTNode) -> tuple[cst.CSTNode, ...]:
    """The suites around a statement within its function, without that of the function."""
    blocks: list[cst.CSTNode] = []
    for above in model.tree.ancestors(node):
        if isinstance(above, (cst.FunctionDef, cst.Lambda)):
            break
        if isinstance(above, (cst.IndentedBlock, cst.SimpleStatementSuite)):
            blocks.append(above)
    return tuple(reversed(blocks[:-1]))
