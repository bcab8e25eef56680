"""Sources of an expression: the module's own numbers, or anything else."""

from __future__ import annotations

from enum import Enum

import libcst as cst

from dropout_lint.semantics.facts.tensor_functions import (
    CONVERTS,
    FULL,
    KEEPS_NUMBER,
    SHAPE_ATTRIBUTES,
    SHAPES,
)
from dropout_lint.semantics.interpreter.guards import MODE
from dropout_lint.semantics.interpreter.values import Const, positive
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import children, tail_of

_DEPTH = 6


class Origin(Enum):
    """What an expression is computed from. `OTHER`: from a caller, a layer, data or the mode."""

    OWN = "an attribute of the module that is the same in both modes"
    NUMBER = "a constant"
    OTHER = "anything else"


OWN, NUMBER, OTHER = Origin


class Sources:
    """The sources of the expressions of one function.

    ``own`` are the parameters for which a call passes a rate that the module itself settles.
    """

    def __init__(
        self, model: SemanticModel, function: FunctionInfo, own: frozenset[str] = frozenset()
    ) -> None:
        self._model = model
        self._function = function
        self._own = own

    def is_rate(self, *nodes: cst.BaseExpression) -> bool:
        """Whether expressions hold a rate or strength that the module itself settles."""
        sources = {source for node in nodes for source in self.of(node)}
        return bool(sources) and OTHER not in sources

    def of(self, node: cst.CSTNode, depth: int = 0) -> set[Origin]:
        """The sources of an expression; none of what has a shape or type only."""
        if depth > _DEPTH:
            return {OTHER}
        if isinstance(node, (cst.Integer, cst.Float)):
            return {NUMBER}
        if isinstance(node, cst.Name):
            return self._name(node.value, depth)
        if isinstance(node, cst.Attribute):
            return self._attribute(node)
        if isinstance(node, cst.Call):
            return self._call(node, depth)
        if isinstance(node, cst.IfExp):
            if OTHER in self.of(node.test, depth + 1):
                return {OTHER}
            return self.of(node.body, depth + 1) | self.of(node.orelse, depth + 1)
        if isinstance(node, cst.Subscript):
            return self.of(node.value, depth + 1)
        if isinstance(node, (cst.BinaryOperation, cst.UnaryOperation, cst.BooleanOperation,
                             cst.Comparison, cst.ComparisonTarget, cst.Tuple, cst.List,
                             cst.Element)):  # fmt: skip
            operands = filter(_is_operand, children(node))
            return set().union(*(self.of(operand, depth + 1) for operand in operands))
        return {OTHER}

    def _name(self, name: str, depth: int) -> set[Origin]:
        if name in ("True", "False", "None"):
            return {NUMBER} if name != "None" else set()
        bound = self._model.names.lookup(name, self._function.scope)
        if bound is None or len(bound[1]) != 1:  # one of several may be for eval mode
            return {OTHER}
        where, binding = bound[0], bound[1][0]
        if binding.kind == "parameter" and where is self._function.scope:
            return {OWN} if name in self._own else {OTHER}
        if where is self._function.scope and binding.kind == "value" and binding.value is not None:
            return self.of(binding.value, depth + 1)
        if where.parent is None and isinstance(binding.value, (cst.Integer, cst.Float)):
            return {NUMBER}
        return {OTHER}

    def _attribute(self, node: cst.Attribute) -> set[Origin]:
        if node.attr.value in SHAPE_ATTRIBUTES:
            return set()
        inner: cst.BaseExpression = node
        while isinstance(inner, cst.Attribute) and not is_self(
            inner.value, self._function.self_name
        ):
            inner = inner.value
        if not isinstance(inner, cst.Attribute) or inner.attr.value == "training":
            return {OTHER}
        owner = self._function.owner
        assert owner is not None
        if owner.find_method(inner.attr.value) is not None:  # a property may know the mode
            return {OTHER}
        value = self._model.attribute(owner, inner.attr.value, False)
        if value.mentions >= MODE or owner.imported_base_sets_by_mode(inner.attr.value):
            return {OTHER}
        off = all(isinstance(a, Const) for a in value.atoms) and positive(value).when_true is None
        return {OTHER} if off and inner is node else {OWN}

    def _call(self, node: cst.Call, depth: int) -> set[Origin]:
        name = tail_of(node.func)
        if name in SHAPES:
            return set()
        if name in FULL and len(node.args) > 1:
            return self.of(node.args[1].value, depth + 1)
        if name in CONVERTS and node.args:
            values = [arg.value for arg in node.args if arg.keyword is None]
            return set().union(*(self.of(value, depth + 1) for value in values))
        if name in KEEPS_NUMBER and isinstance(node.func, cst.Attribute):
            return self.of(node.func.value, depth + 1)
        return {OTHER}


def _is_operand(node: cst.CSTNode) -> bool:
    return isinstance(node, (cst.BaseExpression, cst.ComparisonTarget, cst.BaseElement))
