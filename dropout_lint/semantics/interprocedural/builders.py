"""Functions that build a module of the catalog for their caller."""

from __future__ import annotations

from functools import cached_property

import libcst as cst

from dropout_lint.semantics.interpreter.values import Instance, Local, Partial, Ref, Value
from dropout_lint.semantics.interprocedural.file_surroundings import FileSurroundings
from dropout_lint.semantics.syntax.class_body import ALWAYS_BUILDING
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import choices, tail_of, walk
from dropout_lint.vocabulary.dropping import speaks_of_dropping


class Builders:
    """The functions of one file that return a module which they have built."""

    def __init__(self, surroundings: FileSurroundings) -> None:
        self._surroundings = surroundings

    def built(self, function: FunctionInfo, training: bool) -> Instance | None:
        """The module that a function builds and returns, if that is what it always does."""
        if function not in self._candidates:
            return None
        atom = self._surroundings.alone(function, training).returned.only
        return atom if isinstance(atom, Instance) else None

    def made(self, function: FunctionInfo) -> Value | None:
        """The functions that a function returns: of the catalog, or nested in it.

        Where it has several and parameters, it may choose by an argument.
        """
        if function not in self._makers:
            return None
        value = self._surroundings.alone(function, True).returned
        if value.only is None and function.parameters:
            return None
        is_function = [isinstance(atom, (Ref, Partial, Local)) for atom in value.atoms]
        return value if any(is_function) else None

    @cached_property
    def _makers(self) -> set[FunctionInfo]:
        """The functions that mention a function of the catalog, or call one that does."""
        functions, catalog = self._surroundings.functions, self._surroundings.catalog
        tails = {name.rpartition(".")[2] for name in catalog.functions}
        mentioning = functions.mentioning(
            lambda node, scope: (
                tail_of(node) in tails
                and any(catalog.function(n) for n in functions.names.qualified(node, scope))
            )
        )
        return {f for f in functions.with_callers(mentioning) if self._may_return_function(f)}

    def _may_return_function(self, function: FunctionInfo) -> bool:
        returned = (
            choice
            for node in walk(function.node.body)
            if isinstance(node, cst.Return)
            for choice in choices(node.value)
        )
        return any(self._may_be_function(node, function) for node in returned)

    def _may_be_function(self, node: cst.CSTNode | None, function: FunctionInfo) -> bool:
        """Whether an expression of a function may be a function: a name of one, or a lambda."""
        if isinstance(node, (cst.Name, cst.Attribute)):
            names = self._surroundings.functions.names.qualified(node, function.scope)
            if any(map(self._surroundings.catalog.function, names)):
                return True
        if isinstance(node, cst.Name):
            bound = function.scope.bindings.get(node.value, ())
            return any(b.kind == "function" or _is_function(b.value) for b in bound)
        return _is_function(node)

    @cached_property
    def _candidates(self) -> set[FunctionInfo]:
        """The functions that mention a module class of the catalog, or use such a function."""
        surroundings = self._surroundings
        functions, catalog = surroundings.functions, surroundings.catalog
        mentioning: list[FunctionInfo] = []
        for node, scope in functions.names.mentions:
            tail = tail_of(node)
            function = functions.of_scope(scope)
            if function is None or function.name in ALWAYS_BUILDING:
                continue
            if tail[:1].isupper() or speaks_of_dropping(tail):
                names = functions.names.qualified(node, scope)
                if any(catalog.module(n) or surroundings.is_project_function(n) for n in names):
                    mentioning.append(function)
        return functions.with_callers(mentioning)


def _is_function(node: cst.CSTNode | None) -> bool:
    """Whether an expression makes a function."""
    if isinstance(node, cst.Call):
        return tail_of(node.func) == "partial"
    return isinstance(node, cst.Lambda)
