"""What an expression is made of: the module's own numbers, what a caller passes, or data."""

from __future__ import annotations

import libcst as cst

from dropout_lint.semantics.interpreter.guards import MODE
from dropout_lint.semantics.interpreter.values import Const, positive
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Binding, Scope
from dropout_lint.semantics.syntax.tree import children, tail_of

# Calls that take the shape of what they get and not its worth; those that hand it on.
_SHAPED = frozenset(
    """ones zeros empty ones_like zeros_like empty_like new_ones new_zeros new_empty size dim
    numel len eye""".split()
)
_FULL = frozenset({"full", "full_like", "new_full"})
_HANDS_ON = frozenset(
    """to type float half double cpu cuda bool view reshape expand expand_as unsqueeze squeeze
    repeat type_as clone detach contiguous item""".split()
)
_CONVERTS = frozenset("float int max min abs tensor as_tensor FloatTensor Tensor sqrt".split())
_ABOUT_DATA = frozenset({"shape", "device", "dtype", "ndim"})
_DEPTH = 6

OWN, NUMBER, OTHER = "own", "number", "other"


class Sources:
    """Reads expressions of one function.

    ``own`` is an attribute of the module that is the same in both modes, ``number`` a constant;
    whatever a caller passes, a layer computes or the mode decides is ``other``.
    """

    def __init__(self, model: SemanticModel, function: FunctionInfo) -> None:
        self._model = model
        self._function = function

    def is_rate(self, *nodes: cst.BaseExpression) -> bool:
        """Whether expressions hold a rate or strength that the module itself settles."""
        found = {kind for node in nodes for kind in self.of(node)}
        return bool(found) and found <= {OWN, NUMBER}

    def of(self, node: cst.CSTNode, depth: int = 0) -> set[str]:
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
            parts = [self.of(c, depth + 1) for c in children(node) if _is_operand(c)]
            return set().union(*parts)
        return {OTHER}

    def _name(self, name: str, depth: int) -> set[str]:
        if name in ("True", "False", "None"):
            return {NUMBER} if name != "None" else set()
        found = self._model.names.lookup(name, self._function.scope)
        if found is None:
            return {OTHER}
        where, bindings = found
        if len(bindings) != 1:  # one of them may be for eval mode
            return {OTHER}
        return self._bound(where, bindings[0], depth)

    def _bound(self, where: Scope, binding: Binding, depth: int) -> set[str]:
        if where is self._function.scope and binding.kind == "value" and binding.value is not None:
            return self.of(binding.value, depth + 1)
        if where.parent is None and isinstance(binding.value, (cst.Integer, cst.Float)):
            return {NUMBER}
        return {OTHER}

    def _attribute(self, node: cst.Attribute) -> set[str]:
        if node.attr.value in _ABOUT_DATA:
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

    def _call(self, node: cst.Call, depth: int) -> set[str]:
        name = tail_of(node.func)
        if name in _SHAPED:
            return set()
        if name in _FULL and len(node.args) > 1:
            return self.of(node.args[1].value, depth + 1)
        if name in _CONVERTS and node.args:
            parts = [self.of(arg.value, depth + 1) for arg in node.args if arg.keyword is None]
            return set().union(*parts)
        if name in _HANDS_ON and isinstance(node.func, cst.Attribute):
            return self.of(node.func.value, depth + 1)
        return {OTHER}


def _is_operand(node: cst.CSTNode) -> bool:
    return isinstance(node, (cst.BaseExpression, cst.ComparisonTarget, cst.BaseElement))
