"""Functions that build a module of the catalog for their caller."""

from __future__ import annotations

from functools import cached_property

from dropout_lint.semantics.interpreter.values import Instance
from dropout_lint.semantics.interprocedural.file_surroundings import FileSurroundings
from dropout_lint.semantics.syntax.class_body import ALWAYS_BUILDING
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import tail_of
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
