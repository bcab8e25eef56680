"""Modules that are not, and do not hold, an instance of a class: its new child is not in them."""

from __future__ import annotations

from collections.abc import Set

import libcst as cst

from dropout_lint.fixing.instances.inheritance import related_classes
from dropout_lint.fixing.instances.nodes import bindings_of
from dropout_lint.fixing.library_names import LIBRARIES_OF_MODULES
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import walk

_MAX_STEPS = 5


class OtherModules:
    """What a file shows of the modules that are not, and do not hold, an instance of a class.

    ``holders`` are the classes that may hold one.
    """

    def __init__(self, model: SemanticModel, owner: ClassInfo, holders: Set[ClassInfo]) -> None:
        self._model, self._owner = model, owner
        self._related = related_classes(model, owner)
        self._around = holders | self._related

    def include(self, node: cst.BaseExpression, scope: Scope, steps: int = 0) -> bool:
        """Whether an expression is surely such a module."""
        if steps > _MAX_STEPS:
            return False
        if isinstance(node, cst.Call):
            return self._is_built_elsewhere(node, scope, steps)
        if isinstance(node, cst.Subscript):
            return self.include(node.value, scope, steps + 1)
        if isinstance(node, cst.IfExp):
            sides = (node.body, node.orelse)
            return all(self.include(side, scope, steps + 1) for side in sides)
        if isinstance(node, cst.Name):
            return self._is_other_name(node, scope, steps)
        if not isinstance(node, cst.Attribute):
            return False
        function = self._model.functions.of_scope(scope)
        if function is None or not is_self(node.value, function.self_name):
            return self.include(node.value, scope, steps + 1)  # resnet.features
        if function.owner not in self._related:
            return False
        writes = [w for info in self._related for w in info.writes.get(node.attr.value, ())]
        return bool(writes) and all(
            write.value is not None
            and write.method is not None
            and self.include(write.value, self._model.names.scopes[write.method], steps + 1)
            for write in writes
        )

    def _is_other_name(self, node: cst.Name, scope: Scope, steps: int) -> bool:
        function = self._model.functions.of_scope(scope)
        if function is not None and node.value == function.self_name:
            return False
        bindings = bindings_of(self._model, node.value, scope)
        if not bindings:
            return False
        for binding in bindings:
            if binding.kind == "parameter":
                # of the class itself: it would have to be handed one of its own kind
                mine = function is not None and function.owner is self._owner
                if not (mine and self._related == {self._owner}):
                    return False
            elif binding.value is None or not self.include(binding.value, scope, steps + 1):
                return False
        return True

    def _is_built_elsewhere(self, node: cst.Call, scope: Scope, steps: int) -> bool:
        """Whether a call of a library builds a module of nothing that could be an instance."""
        model = self._model
        function = model.functions.of_scope(scope)
        for below in walk(node):
            if isinstance(below, cst.Name) and below in model.names.scope_at:
                own = function.self_name if function is not None else None
                parent = model.tree.parent(below)
                if below.value == own and not isinstance(parent, cst.Attribute):
                    return False
                if model.classes.resolve(below, scope) in self._around:
                    return False
        func: cst.BaseExpression = node.func
        if isinstance(func, cst.Call) and func.args:  # getattr(models, name)(…)
            if isinstance(func.func, cst.Name) and func.func.value == "getattr":
                func = func.args[0].value
        names = model.names.qualified(func, scope)
        if names:
            return all(name.partition(".")[0] in LIBRARIES_OF_MODULES for name in names)
        if isinstance(func, cst.Attribute):  # resnet.eval(), models.resnet18().to(device)
            return self.include(func.value, scope, steps + 1)
        return False
