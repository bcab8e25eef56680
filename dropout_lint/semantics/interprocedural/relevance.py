"""The functions of a file that can have a call of the catalog, or decide about one."""

from __future__ import annotations

from functools import cached_property

import libcst as cst

from dropout_lint.semantics.interpreter.values import Instance, Partial, Ref
from dropout_lint.semantics.interprocedural.builders import Builders
from dropout_lint.semantics.interprocedural.file_surroundings import FileSurroundings
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.vocabulary.modes import speaks_of_mode


class Relevance:
    """Tells which functions of a file need to be run to find its calls of the catalog."""

    def __init__(self, surroundings: FileSurroundings, builders: Builders) -> None:
        self._surroundings = surroundings
        self._functions = surroundings.functions
        self._catalog = surroundings.catalog
        self._builders = builders

    def __contains__(self, function: FunctionInfo) -> bool:
        return function in self._relevant

    @cached_property
    def _relevant(self) -> set[FunctionInfo]:
        """The functions that mention something of the catalog, or decide about what does.

        On the way up from a drop the mode may have other names: `inner(x, on=training)`.
        """
        mentioning = self._mentioning
        return mentioning.union(
            caller
            for function in self._functions.with_callers(mentioning)
            if _takes_mode(function) or self._builders.built(function, True) is not None
            for caller in self._functions.callers(function)
        )

    @cached_property
    def _mentioning(self) -> set[FunctionInfo]:
        """The functions that mention something of the catalog, or draw a mask and drop by it."""
        mentioning = set(self._surroundings.masks.functions)
        for node, scope in self._functions.names.mentions:
            function = self._functions.of_scope(scope)
            if function is None or function in mentioning:
                continue
            if self._is_kept(node, function) or self._is_of_catalog(node, scope):
                mentioning.add(function)
        return mentioning

    def _is_kept(self, node: cst.CSTNode, function: FunctionInfo) -> bool:
        """Whether ``self.name(…)`` or ``self.F.name(…)`` calls what the class keeps on self."""
        parent = self._functions.tree.parent(node)
        if function.owner is None or not (isinstance(parent, cst.Call) and parent.func is node):
            return False
        rest: list[str] = []
        while isinstance(node, cst.Attribute) and not is_self(node.value, function.self_name):
            rest.insert(0, node.attr.value)
            node = node.value
        if not isinstance(node, cst.Attribute):
            return False
        for atom in self._surroundings.attribute(function.owner, node.attr.value, True).atoms:
            if isinstance(atom, Partial) and not rest:
                return True
            if isinstance(atom, Ref) and self._catalog.function(".".join((atom.name, *rest))):
                return True
        return False

    def _is_of_catalog(self, node: cst.CSTNode, scope: Scope) -> bool:
        names, catalog = self._functions.names, self._catalog
        for name in names.qualified(node, scope):
            if catalog.function(name) or catalog.module(name):
                return True
            if self._surroundings.is_project_function(name):
                return True
        if isinstance(node, cst.Name):  # `drop = partial(F.dropout, p=0.3)` at module level
            found = names.lookup(node.value, scope)
            if found is not None and not found[0].is_function:
                for binding in found[1]:
                    if isinstance(binding.value, (cst.Call, cst.IfExp, cst.Lambda)):
                        return any(
                            isinstance(atom, (Partial, Ref, Instance))
                            for atom in self._surroundings.static(node.value, scope).atoms
                        )
        return False


def _takes_mode(function: FunctionInfo) -> bool:
    return any(speaks_of_mode(parameter.name.value) for parameter in function.parameters)
