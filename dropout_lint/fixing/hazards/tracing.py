"""The data flow of one tensor in one function: its aliases, its views and what changes it."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence, Set

import libcst as cst

from dropout_lint.fixing.hazards.call_effects import CallEffects, OfParameter, is_in_place_name
from dropout_lint.fixing.hazards.local_calls import LocalCalls
from dropout_lint.fixing.instances.nodes import assigned, path_of
from dropout_lint.fixing.library_names import VIEW_ATTRIBUTES, VIEWS
from dropout_lint.python_names import GROWING_METHODS
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import placed_parameters


class Relation(enum.IntEnum):
    """How the value of an expression is related to the tensor; the greater is the closer.

    A container with the tensor in it ``CONTAINS`` it. The tensor and its views are an ``ALIAS``.
    """

    NONE = 0
    CONTAINS = 1
    ALIAS = 2


NONE, CONTAINS, ALIAS = Relation.NONE, Relation.CONTAINS, Relation.ALIAS


class Trace:
    """The aliases of a tensor among some nodes of a function.

    The tensor is made by the nodes ``starts`` or held by ``aliases`` from the beginning. ``effect``
    gives what a function of the file does to the argument at a position.
    """

    def __init__(
        self,
        calls: LocalCalls,
        effects: CallEffects,
        function: FunctionInfo,
        nodes: Sequence[cst.CSTNode],
        starts: Set[cst.CSTNode],
        aliases: Mapping[str, Relation],
        effect: OfParameter,
    ) -> None:
        self._calls, self._effects, self._function = calls, effects, function
        self._nodes, self._starts, self._effect = nodes, starts, effect
        self.aliases = dict(aliases)
        before = -1
        while (total := sum(self.aliases.values())) > before:  # until nothing more holds it
            before = total
            for node in nodes:
                self._bind(node)

    def is_changed(self) -> bool:
        """Whether a node changes the tensor in place."""
        return any(self._changes(node) for node in self._nodes)

    def is_returned(self) -> bool:
        """Whether a node returns or yields the tensor, or a container with it."""
        return any(
            isinstance(node, (cst.Return, cst.Yield))
            and isinstance(node.value, cst.BaseExpression)
            and self._relation(node.value) is not NONE
            for node in self._nodes
        )

    # --- names ------------------------------------------------------------------------------

    def _bind(self, node: cst.CSTNode) -> None:
        """Note what a node makes hold the tensor."""
        if isinstance(node, cst.Assign):
            for assigning in node.targets:
                self._bind_target(assigning.target, node.value)
        elif isinstance(node, (cst.AnnAssign, cst.NamedExpr)) and node.value is not None:
            self._bind_target(node.target, node.value)
        elif isinstance(node, cst.AugAssign):
            self._hold(node.target, min(self._relation(node.value), CONTAINS))
        elif isinstance(node, (cst.For, cst.CompFor)):
            if self._relation(node.iter):
                for target in assigned(node):
                    self._hold(target, ALIAS)
        elif isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
            grows = node.func.attr.value in GROWING_METHODS
            if grows and any(self._relation(arg.value) for arg in node.args):
                self._hold(node.func.value, CONTAINS)
        elif isinstance(node, cst.Call):
            self._bind_parameters(node)

    def _bind_parameters(self, node: cst.Call) -> None:
        """Note the parameters of a nested function that get the tensor from a call."""
        inner = self._calls.nested(node, self._function)
        if inner is not None:
            for argument, parameter in zip(node.args, placed_parameters(inner), strict=False):
                self._hold(parameter.name, self._relation(argument.value))

    def _bind_target(self, target: cst.CSTNode, value: cst.BaseExpression) -> None:
        if isinstance(target, (cst.Tuple, cst.List)):
            values: list[cst.BaseExpression] = [value] * len(target.elements)
            apart = isinstance(value, (cst.Tuple, cst.List)) and len(value.elements) == len(values)
            if isinstance(value, (cst.Tuple, cst.List)) and apart:
                values = [element.value for element in value.elements]
            for element, part in zip(target.elements, values, strict=True):
                if apart:
                    self._bind_target(element.value, part)
                elif self._relation(part):
                    self._hold(element.value, ALIAS)
        else:
            self._hold(target, self._relation(value))

    def _hold(self, target: cst.CSTNode, relation: Relation) -> None:
        """Note that a target holds the tensor in a relation."""
        if isinstance(target, cst.Subscript):  # d["x"] = h
            target, relation = target.value, min(relation, CONTAINS)
        path = path_of(target)
        if relation and path:
            self.aliases[path] = max(relation, self.aliases.get(path, NONE))

    # --- expressions ------------------------------------------------------------------------

    def _relation(self, node: cst.CSTNode) -> Relation:
        """How the value of an expression is related to the tensor."""
        if node in self._starts:
            return ALIAS
        path = path_of(node)
        if path in self.aliases:
            return self.aliases[path]
        if isinstance(node, cst.Attribute):
            return self._relation(node.value) if node.attr.value in VIEW_ATTRIBUTES else NONE
        if isinstance(node, cst.Subscript):
            return ALIAS if self._relation(node.value) else NONE
        if isinstance(node, cst.Call):
            return self._of_call(node)
        if isinstance(node, cst.IfExp):
            return max(self._relation(node.body), self._relation(node.orelse))
        if isinstance(node, cst.BooleanOperation):
            return max(self._relation(node.left), self._relation(node.right))
        if isinstance(node, cst.NamedExpr):
            return self._relation(node.value)
        if isinstance(node, cst.Await):
            return self._relation(node.expression)
        if isinstance(node, (cst.Tuple, cst.List, cst.Set, cst.Dict)):
            return CONTAINS if any(self._relation(e.value) for e in node.elements) else NONE
        if isinstance(node, (cst.ListComp, cst.GeneratorExp)):
            return CONTAINS if self._relation(node.elt) else NONE
        return NONE

    def _of_call(self, node: cst.Call) -> Relation:
        func = node.func
        if isinstance(func, cst.Attribute):
            relation = self._relation(func.value)
            if relation:
                is_view = func.attr.value in VIEWS or is_in_place_name(func.attr.value)
                return relation if is_view or relation is CONTAINS else NONE
        returned = (
            self._effects.on(node, at, self._function, self._effect).returns
            for at, arg in enumerate(node.args)
            if self._relation(arg.value)
        )
        return ALIAS if any(returned) else NONE

    # --- changes ----------------------------------------------------------------------------

    def _changes(self, node: cst.CSTNode) -> bool:
        """Whether a node changes the tensor in place."""
        if isinstance(node, cst.AugAssign):
            return self._relation(node.target) is ALIAS
        if isinstance(node, (cst.AssignTarget, cst.For)):
            return any(self._is_written_by(target) for target in assigned(node))
        return isinstance(node, cst.Call) and self._changes_by_call(node)

    def _is_written_by(self, target: cst.CSTNode) -> bool:
        """Whether an assignment to a target writes to the tensor: ``h[0] = …``, ``h.data = …``."""
        if isinstance(target, cst.Subscript):
            return self._relation(target.value) is ALIAS
        return (
            isinstance(target, cst.Attribute)
            and target.attr.value == "data"
            and self._relation(target.value) is ALIAS
        )

    def _changes_by_call(self, node: cst.Call) -> bool:
        if isinstance(node.func, cst.Attribute) and is_in_place_name(node.func.attr.value):
            if self._relation(node.func.value) is ALIAS:
                return True
        return any(
            self._effects.on(node, at, self._function, self._effect).changes
            for at, arg in enumerate(node.args)
            if self._relation(arg.value)
        )
