"""How an attribute name that is computed at run time starts: ``f"rnn{i}"`` starts with ``rnn``."""

from __future__ import annotations

import libcst as cst

from dropout_lint.fixing.instances.nodes import assigned, bindings_of, string_of
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.names import Binding, Scope

_LOOPS = (cst.For, cst.CompFor)
# How a number that is counted starts: with one of these, or with its sign.
_DIGITS = frozenset("-0123456789")


def possible_starts(
    model: SemanticModel, node: cst.CSTNode | None, depth: int = 0
) -> frozenset[str] | None:
    """The texts one of which an expression surely starts with; None if they are not known.

    ``"%s%d" % ("left" if flag else "right", i)`` has ``left`` and ``right``.
    """
    if depth > 4 or node is None:
        return None
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        return _start(string_of(node))
    if isinstance(node, cst.FormattedString):
        first = node.parts[0] if node.parts else None
        plain = isinstance(first, cst.FormattedStringExpression) and not first.conversion
        if isinstance(first, cst.FormattedStringExpression) and plain and first.format_spec is None:
            return possible_starts(model, first.expression, depth + 1)
        return _start(first.value) if isinstance(first, cst.FormattedStringText) else None
    if isinstance(node, cst.IfExp):
        sides = [possible_starts(model, side, depth + 1) for side in (node.body, node.orelse)]
        return sides[0] | sides[1] if sides[0] and sides[1] else None
    if isinstance(node, cst.Name):
        scope = model.names.scope_at.get(node)
        return _of_name(model, node.value, scope, depth) if scope is not None else None
    if isinstance(node, cst.BinaryOperation):
        return _of_operation(model, node, depth)
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name):
        if node.func.value == "str" and len(node.args) == 1:
            return possible_starts(model, node.args[0].value, depth + 1)
    if isinstance(node, cst.Integer):
        return _DIGITS
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        if node.func.attr.value == "format" and isinstance(node.func.value, cst.SimpleString):
            given = [argument.value for argument in node.args if argument.keyword is None]
            return _of_template(model, node.func.value, "{", ("{}", "{0}"), given, depth)
    return None


def _start(text: str | None) -> frozenset[str] | None:
    return frozenset({text}) if text else None


def _of_name(model: SemanticModel, name: str, scope: Scope, depth: int) -> frozenset[str] | None:
    bindings = bindings_of(model, name, scope)
    values = [
        _of_loop(model, name, binding, depth)
        if binding.kind == "opaque"
        else possible_starts(model, binding.value, depth + 1)
        for binding in bindings
    ]
    if not values or not all(values):
        return None
    return frozenset().union(*(value for value in values if value))


def _of_loop(
    model: SemanticModel, name: str, binding: Binding, depth: int
) -> frozenset[str] | None:
    """The starts of a loop variable: of a number that is counted, or of strings in a list."""
    loop = next(
        (n for n in (binding.node, *model.tree.ancestors(binding.node)) if isinstance(n, _LOOPS)),
        None,
    )
    if loop is None or name not in {t.value for t in assigned(loop) if isinstance(t, cst.Name)}:
        return None
    target: cst.BaseExpression = loop.target
    over = loop.iter
    if isinstance(over, cst.Call) and isinstance(over.func, cst.Name):
        counted = target
        if over.func.value == "enumerate" and isinstance(target, cst.Tuple):
            counted = target.elements[0].value
        elif over.func.value != "range":
            return None
        return _DIGITS if isinstance(counted, cst.Name) and counted.value == name else None
    if isinstance(over, (cst.List, cst.Tuple)) and isinstance(target, cst.Name):
        values = [possible_starts(model, e.value, depth + 1) for e in over.elements]
        if values and all(values):
            return frozenset().union(*(value for value in values if value))
    return None


def _of_operation(
    model: SemanticModel, node: cst.BinaryOperation, depth: int
) -> frozenset[str] | None:
    if isinstance(node.operator, cst.Add):
        return possible_starts(model, node.left, depth + 1)
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
    fields: tuple[str, ...],
    given: list[cst.BaseExpression],
    depth: int,
) -> frozenset[str] | None:
    """The starts of a filled template: its text before the first field, or those of its value."""
    text = string_of(template)
    if text is None:
        return None
    if text.startswith(fields):
        return possible_starts(model, given[0], depth + 1) if given else None
    return _start(text.partition(mark)[0])
