"""What the names in a condition are known to be where it holds: true, or zero."""

from __future__ import annotations

from typing import TypeAlias

import libcst as cst

from dropout_lint.semantics.syntax.tree import dotted_name

# Dotted names with whether each is true; one that is not true is zero, False or None.
Facts: TypeAlias = frozenset[tuple[str, bool]]
NOTHING: Facts = frozenset()
_DEPTH = 8

_CONVERSIONS = frozenset({"bool", "float", "int", "abs"})
# Comparisons of a number that is not negative with 0, and whether they hold where it is 0.
_WITH_ZERO: dict[type, bool] = {
    cst.Equal: True, cst.NotEqual: False, cst.GreaterThan: False, cst.LessThanEqual: True,
}  # fmt: skip
_MIRRORED: dict[type, type] = {
    cst.Equal: cst.Equal, cst.NotEqual: cst.NotEqual, cst.LessThan: cst.GreaterThan,
    cst.GreaterThanEqual: cst.LessThanEqual,
}  # fmt: skip


def facts_where(node: cst.CSTNode, holds: bool, depth: int = _DEPTH) -> Facts | None:
    """What is known where an expression is true (or false); None: it never is."""
    if depth < 0:
        return NOTHING
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
        return facts_where(node.expression, not holds, depth - 1)
    if isinstance(node, cst.BooleanOperation):
        left = facts_where(node.left, holds, depth - 1)
        right = facts_where(node.right, holds, depth - 1)
        all_hold = isinstance(node.operator, cst.And) == holds
        return both_known(left, right) if all_hold else any_known(left, right)
    if isinstance(node, cst.IfExp):
        depth -= 3  # its condition is looked at twice
        yes, no = facts_where(node.test, True, depth), facts_where(node.test, False, depth)
        return any_known(
            both_known(yes, facts_where(node.body, holds, depth)),
            both_known(no, facts_where(node.orelse, holds, depth)),
        )
    if isinstance(node, cst.Comparison) and len(node.comparisons) == 1:
        return _compared(node.left, node.comparisons[0], holds)
    if isinstance(node, (cst.Integer, cst.Float)):
        return NOTHING if bool(node.evaluated_value) == holds else None
    if isinstance(node, cst.Name) and node.value in ("True", "False", "None"):
        return NOTHING if (node.value == "True") == holds else None
    path = dotted_name(_converted(node))
    return frozenset({(path, holds)}) if path else NOTHING


def both_known(one: Facts | None, other: Facts | None) -> Facts | None:
    """What is known where two conditions hold."""
    return None if one is None or other is None else one | other


def any_known(*facts: Facts | None) -> Facts | None:
    """What is known where one of several conditions holds."""
    possible = [each for each in facts if each is not None]
    return frozenset.intersection(*possible) if possible else None


def _compared(left: cst.BaseExpression, target: cst.ComparisonTarget, holds: bool) -> Facts:
    kind, right = type(target.operator), target.comparator
    if is_zero(left):
        left, right, kind = right, left, _MIRRORED.get(kind, cst.Is)
    path = dotted_name(_converted(left))
    is_in = kind in (cst.In, cst.NotIn) and isinstance(right, (cst.Tuple, cst.List, cst.Set))
    if path and is_in:
        elements = [e.value for e in right.elements]  # type: ignore[attr-defined]
        is_off = holds == (kind is cst.In) and all(map(_is_nothing, elements))
        return frozenset({(path, False)}) if is_off else NOTHING
    if not path or not is_zero(right) or kind not in _WITH_ZERO:
        return NOTHING
    return frozenset({(path, _WITH_ZERO[kind] != holds)})


def _converted(node: cst.CSTNode) -> cst.CSTNode:
    """``x`` in ``float(x)``."""
    if isinstance(node, cst.Call) and len(node.args) == 1 and isinstance(node.func, cst.Name):
        if node.func.value in _CONVERSIONS:
            return node.args[0].value
    return node


def is_zero(node: cst.CSTNode | None) -> bool:
    """Whether an expression is the number 0, written out."""
    return isinstance(node, (cst.Integer, cst.Float)) and not node.evaluated_value


def _is_nothing(node: cst.CSTNode) -> bool:
    return is_zero(node) or (isinstance(node, cst.Name) and node.value in ("None", "False"))
