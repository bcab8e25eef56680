"""How a text that is put together at run time begins: ``f"rnn{i}"`` begins with ``rnn``."""

from __future__ import annotations

import libcst as cst

from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.names import Scope


def beginnings(
    model: SemanticModel, node: cst.CSTNode | None, depth: int = 0
) -> frozenset[str] | None:
    """The texts of which an expression surely begins with one; None if that is not known.

    ``"%s%d" % ("left" if flag else "right", i)`` has ``left`` and ``right``.
    """
    if depth > 4 or node is None:
        return None
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        value = node.evaluated_value
        return _known(value) if isinstance(value, str) else None
    if isinstance(node, cst.FormattedString):
        first = node.parts[0] if node.parts else None
        return _known(first.value) if isinstance(first, cst.FormattedStringText) else None
    if isinstance(node, cst.IfExp):
        sides = [beginnings(model, side, depth + 1) for side in (node.body, node.orelse)]
        return sides[0] | sides[1] if sides[0] and sides[1] else None
    if isinstance(node, cst.Name):
        scope = model.names.scope_at.get(node)
        return _of_name(model, node.value, scope, depth) if scope is not None else None
    if isinstance(node, cst.BinaryOperation):
        return _of_operation(model, node, depth)
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        if node.func.attr.value == "format" and isinstance(node.func.value, cst.SimpleString):
            given = [argument.value for argument in node.args if argument.keyword is None]
            return _of_template(model, node.func.value, "{", ("{}", "{0}"), given, depth)
    return None


def _known(text: str) -> frozenset[str] | None:
    return frozenset({text}) if text else None


def _of_name(model: SemanticModel, name: str, scope: Scope, depth: int) -> frozenset[str] | None:
    found = model.names.lookup(name, scope)
    if found is None:
        return None
    values = [beginnings(model, binding.value, depth + 1) for binding in found[1]]
    if not all(values):
        return None
    return frozenset().union(*(value for value in values if value))


def _of_operation(
    model: SemanticModel, node: cst.BinaryOperation, depth: int
) -> frozenset[str] | None:
    if isinstance(node.operator, cst.Add):
        return beginnings(model, node.left, depth + 1)
    if isinstance(node.operator, cst.Modulo) and isinstance(node.left, cst.SimpleString):
        given: list[cst.BaseExpression] = [node.right]
        if isinstance(node.right, cst.Tuple):
            given = [element.value for element in node.right.elements]
        return _of_template(model, node.left, "%", ("%s",), given, depth)
    return None


def _of_template(
    model: SemanticModel,
    template: cst.SimpleString,
    mark: str,
    places: tuple[str, ...],
    given: list[cst.BaseExpression],
    depth: int,
) -> frozenset[str] | None:
    """What comes before the first place of a template, or what is put into it."""
    text = template.evaluated_value
    if not isinstance(text, str):
        return None
    if text.startswith(places):
        return beginnings(model, given[0], depth + 1) if given else None
    return _known(text.partition(mark)[0])
