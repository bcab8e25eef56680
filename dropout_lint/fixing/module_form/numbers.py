"""Whether what is stored as a drop rate is a number that ``nn.Dropout`` takes."""

from __future__ import annotations

import libcst as cst

from dropout_lint.fixing.instances.nodes import bindings_of
from dropout_lint.fixing.library_names import LOOKUPS, NUMBER_FUNCTIONS
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.names import parameters_of
from dropout_lint.semantics.syntax.tree import tail_of


def is_number(
    model: SemanticModel,
    node: cst.CSTNode | None,
    method: cst.FunctionDef | None,
    owner: ClassInfo,
    depth: int = 0,
) -> bool:
    """Whether an expression of ``method`` is a rate as far as its source shows.

    None, a tensor and -1 are no rates. An argument of a caller and a value of a configuration are
    taken for rates.
    """
    if node is None or depth > 6:
        return False

    def again(part: cst.CSTNode | None) -> bool:
        return is_number(model, part, method, owner, depth + 1)

    if isinstance(node, (cst.Integer, cst.Float)):
        return 0 <= node.evaluated_value <= 1
    if isinstance(node, cst.Name):
        return _name(model, node, method, owner, depth)
    if isinstance(node, (cst.Attribute, cst.Subscript, cst.BinaryOperation)):
        return True
    if isinstance(node, cst.IfExp):
        return again(node.body) and again(node.orelse)
    if isinstance(node, cst.BooleanOperation):
        # `p or 0.1` is never the None that `p` may be
        first = isinstance(node.operator, cst.Or) or again(node.left)
        return first and again(node.right)
    if isinstance(node, cst.NamedExpr):
        return again(node.value)
    if isinstance(node, cst.Call) and isinstance(node.func, (cst.Name, cst.Attribute)):
        func = tail_of(node.func)
        if func in LOOKUPS:  # with a default, which is its last argument
            wanted = 3 if func == "getattr" else 2
            return len(node.args) == wanted and again(node.args[-1].value)
        return isinstance(node.func, cst.Name) and func in NUMBER_FUNCTIONS
    return False


def _name(
    model: SemanticModel,
    node: cst.Name,
    method: cst.FunctionDef | None,
    owner: ClassInfo,
    depth: int,
) -> bool:
    if node.value in ("None", "True", "False"):
        return False
    for parameter in parameters_of(method) if method is not None else ():
        if parameter.name.value == node.value:
            default = parameter.default
            return default is None or is_number(model, default, None, owner, depth + 1)
    scope = model.names.scopes[method] if method is not None else owner.scope
    return all(
        is_number(model, binding.value, method, owner, depth + 1)
        for binding in bindings_of(model, node.value, scope)
        if binding.value is not None
    )
