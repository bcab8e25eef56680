"""Coin flips: what a branch on a random number leaves out."""

from __future__ import annotations

import libcst as cst

from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import walk

_SCALAR = frozenset(
    """random.random random.uniform numpy.random.rand numpy.random.random
    numpy.random.random_sample numpy.random.uniform""".split()
)


def is_coin(name: str, node: cst.Call) -> bool:
    """Whether a uniform draw is one number: ``random.random()``, ``torch.rand(1)``."""
    if name in _SCALAR:
        return name.startswith("random.") or not node.args
    values = [arg.value for arg in node.args if arg.keyword is None]
    if name != "torch.rand" or len(values) > 1:
        return False
    return not values or (
        (isinstance(values[0], cst.Integer) and values[0].evaluated_value == 1)
        or (isinstance(values[0], (cst.Tuple, cst.List)) and not values[0].elements)
    )


def branch_on(model: SemanticModel, test: cst.CSTNode) -> cst.If | cst.IfExp | None:
    """The branch that an expression decides; None if it is no condition."""
    below = test
    for above in model.tree.ancestors(test):
        if isinstance(above, (cst.If, cst.IfExp)) and below is above.test:
            return above
        if not isinstance(above, (cst.BooleanOperation, cst.UnaryOperation, cst.Comparison)):
            return None
        below = above
    return None


def skips(model: SemanticModel, function: FunctionInfo, branch: cst.If | cst.IfExp) -> bool:
    """Whether a layer runs on one side of a branch only, or the rest of the function does."""
    layers = _layers(function)
    if isinstance(branch, cst.IfExp):
        sides: list[cst.CSTNode] = [branch.body, branch.orelse]
    else:
        sides = [branch.body, *([branch.orelse] if branch.orelse is not None else [])]
    for side in sides:
        for node in walk(side):
            if isinstance(node, (cst.Continue, cst.Break, cst.Return)):
                return True
            if isinstance(node, cst.Call) and _is_layer(node.func, function, layers):
                return True
            if isinstance(node, (cst.Integer, cst.Float)) and not node.evaluated_value:
                if isinstance(model.tree.parent(node), (cst.Assign, cst.BinaryOperation)):
                    return True  # `x = x * 0`
    return any(
        isinstance(node, cst.Call) and "zero" in model.tree.code(node.func)
        for side in sides
        for node in walk(side)
    )


def is_moved_in_a_loop(function: FunctionInfo, draw: cst.Call, name: str | None) -> bool:
    """Whether a loop goes on from an index: it looks there, and assigns to it what it finds."""
    for loop in walk(function.node.body) if name is not None else ():
        if not isinstance(loop, (cst.For, cst.While)) or any(n is draw for n in walk(loop)):
            continue
        is_set = any(
            isinstance(target, cst.AssignTarget)
            and isinstance(target.target, cst.Name)
            and target.target.value == name
            for target in walk(loop.body)
        )
        if is_set and any(
            isinstance(part, cst.Name) and part.value == name
            for item in walk(loop.body)
            if isinstance(item, cst.SubscriptElement)
            for part in walk(item)
        ):
            return True
    return False


def _layers(function: FunctionInfo) -> set[str]:
    """The names of a function that run over something of self: ``for layer in self.layers``."""
    names: set[str] = set()
    for node in walk(function.node.body):
        if isinstance(node, (cst.For, cst.CompFor)):
            if any(is_self(part, function.self_name) for part in walk(node.iter)):
                names |= {part.value for part in walk(node.target) if isinstance(part, cst.Name)}
    return names


def _is_layer(node: cst.BaseExpression, function: FunctionInfo, layers: set[str]) -> bool:
    while isinstance(node, cst.Subscript):
        node = node.value
    if isinstance(node, cst.Attribute):
        while isinstance(node, (cst.Attribute, cst.Subscript)):
            node = node.value
        return is_self(node, function.self_name)
    return isinstance(node, cst.Name) and node.value in layers
