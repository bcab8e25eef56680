"""Functions that build a module of the catalog for their caller."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from dropout_lint.semantics.interpreter.values import Instance
from dropout_lint.semantics.project.imports import speaks_of_dropping
from dropout_lint.semantics.syntax.classes import CONSTRUCTORS
from dropout_lint.semantics.syntax.functions import Unit
from dropout_lint.semantics.syntax.tree import tail_of

if TYPE_CHECKING:
    from dropout_lint.semantics.model import Model


class Builders:
    """The functions of one file that return a module which they have built."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def built(self, unit: Unit, training: bool) -> Instance | None:
        """The module that a unit builds and returns, if that is what it always does."""
        if unit not in self._candidates:
            return None
        atom = self._model.alone(unit, training).returned.only
        return atom if isinstance(atom, Instance) else None

    @cached_property
    def _candidates(self) -> set[Unit]:
        """The units that mention a module class of the catalog, or use such a unit."""
        model = self._model
        queue: list[Unit] = []
        for node, scope in model.names.mentions:
            tail = tail_of(node)
            unit = model.units.of_scope(scope)
            if unit is None or unit.name in CONSTRUCTORS:
                continue
            if tail[:1].isupper() or speaks_of_dropping(tail):
                names = model.names.qualified(node, scope)
                if any(model.catalog.module(name) or model.far.find(name) for name in names):
                    queue.append(unit)
        return model.units.with_users(queue)
