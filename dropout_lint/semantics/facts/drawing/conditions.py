"""The conditions around a draw or its use: do they depend on the mode or on a caller?"""

from __future__ import annotations

import libcst as cst

from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import walk


def is_free(
    model: SemanticModel, function: FunctionInfo, place: cst.CSTNode, own: frozenset[str]
) -> bool:
    """Whether no condition around a place depends on the mode or on a parameter.

    The parameters in ``own`` are known not to.
    """
    below = place
    for above in model.tree.ancestors(place):
        if above is function.node:
            break
        asked: list[cst.CSTNode] = []
        if isinstance(above, (cst.If, cst.IfExp)) and below is not above.test:
            asked = [above.test]
        elif isinstance(above, cst.BooleanOperation):
            asked = [above.right if below is above.left else above.left]
        if any(_decides(model, function, node, own) for node in asked):
            return False
        below = above
    return True


def _decides(
    model: SemanticModel, function: FunctionInfo, test: cst.CSTNode, own: frozenset[str]
) -> bool:
    if model.mentions_mode(test):
        return True
    return any(
        isinstance(node, cst.Name)
        and node.value not in own
        and _is_parameter(model, function, node.value)
        for node in walk(test)
    )


def _is_parameter(model: SemanticModel, function: FunctionInfo, name: str) -> bool:
    bound = model.names.lookup(name, function.scope)
    return (
        name != function.self_name
        and bound is not None
        and any(binding.kind == "parameter" for binding in bound[1])
    )
