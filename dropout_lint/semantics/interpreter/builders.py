"""Functions that build a module of the catalog for their caller."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from dropout_lint.semantics.interpreter.values import Instance
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import tail_of
from dropout_lint.semantics.syntax.vocabulary import CONSTRUCTORS
from dropout_lint.vocabulary import speaks_of_dropping

if TYPE_CHECKING:
    from dropout_lint.semantics.model import SemanticModel


class Builders:
    """The functions of one file that return a module which they have built."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model

    def built(self, function: FunctionInfo, training: bool) -> Instance | None:
        """The module that a function builds and returns, if that is what it always does."""
        if function not in self._candidates:
            return None
        atom = self._model.alone(function, training).returned.only
        return atom if isinstance(atom, Instance) else None

    @cached_property
    def _candidates(self) -> set[FunctionInfo]:
        """The functions that mention a module class of the catalog, or use such a function."""
        model = self._model
        queue: list[FunctionInfo] = []
        for node, scope in model.names.mentions:
            tail = tail_of(node)
            function = model.functions.of_scope(scope)
            if function is None or function.name in CONSTRUCTORS:
                continue
            if tail[:1].isupper() or speaks_of_dropping(tail):
                names = model.names.qualified(node, scope)
                if any(model.catalog.module(name) or model.imported.find(name) for name in names):
                    queue.append(function)
        return model.functions.with_callers(queue)
