"""How a unit is entered: with which parameters and behind which gates the file's callers come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from dropout_lint.semantics.interpreter.calls import Evaluator
from dropout_lint.semantics.interpreter.run import unit_arguments
from dropout_lint.semantics.interpreter.values import (
    FREE,
    Atom,
    Const,
    Gate,
    Gates,
    Local,
    Method,
    Parameter,
    Value,
    both,
    speaks_of_mode,
    weakest,
)
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self
from dropout_lint.semantics.syntax.functions import Unit
from dropout_lint.semantics.syntax.tree import tail_of

if TYPE_CHECKING:
    from dropout_lint.semantics.model import Model

Given = dict[str, Value]
Entry = tuple[Given, Gates | None]


class Entries:
    """The entries of a file's units, found through the runs of those that use them."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._entering: set[tuple[int, bool]] = set()
        self._reading: set[tuple[int, str, bool]] = set()

    def of(self, unit: Unit, training: bool) -> Entry:
        """Parameter values and gates (None: not at all) of a unit in one mode."""
        mode = unit.mode_parameter
        if unit.is_mode_override:
            known = {mode: Value.of(Const(training))} if mode is not None else {}
            return known, FREE if unit.name == "train" or not training else None
        own = self.around(unit, training)
        key = (id(unit.node), training)
        if own is None or unit.is_entry or not self._model.units.users(unit):
            return self._defaults(unit), own
        self._entering.add(key)
        met = [(given, gates) for _, given, gates in self.calls_of(unit, training)]
        self._entering.discard(key)
        gates = weakest(*(gates for _, gates in met))
        if gates is None:  # every call stands where this mode does not come
            return {}, None
        entry: Given = {}
        for parameter in unit.parameters:
            values = [
                self.given(unit, parameter, given).behind(own_gates - gates)
                for given, own_gates in met
            ]
            entry[parameter.name.value] = _left_open(parameter.name.value, Value.join(values))
        return entry, both(own, gates)

    def calls_of(self, unit: Unit, training: bool) -> list[tuple[Unit, Given | None, Gates]]:
        """Who in this file calls the unit in a mode: with what (None: unknown), behind what."""
        found: list[tuple[Unit, Given | None, Gates]] = []
        for user, seen in self._model.units.users(unit).items():
            if not seen or (id(user.node), training) in self._entering:
                found.append((user, None, FREE))
                continue
            run = self._model.run(user, training)
            for called in run.calls:
                if _means(called.callee, user, unit):
                    found.append((user, unit_arguments(unit, called.arguments), called.gates))
            for atom, gates in run.handed:
                if _means(atom, user, unit):
                    found.append((user, None, gates))
        return found

    def read(self, owner: ClassInfo, name: str, training: bool) -> Gates | None:
        """Behind which gates ``self.name`` is read in a mode by the methods of a class.

        Where the file does not read it at all, or by another way, anybody may.
        """
        key = (id(owner), name, training)
        if key in self._reading:
            return FREE
        self._reading.add(key)
        try:
            readers = list(self._readers(owner, name))
            if not readers or None in readers:
                return FREE
            runs = [self._model.run(unit, training) for unit in readers if unit is not None]
            return weakest(*(run.read.get(name) for run in runs))
        finally:
            self._reading.discard(key)

    def _readers(self, owner: ClassInfo, name: str) -> Iterator[Unit | None]:
        """The units that read ``self.name``; None for what reads it otherwise."""
        for node, scope in self._model.names.mentions:
            if isinstance(node, cst.Attribute) and node.attr.value == name:
                if isinstance(self._model.tree.parent(node), cst.AssignTarget):
                    continue
                unit = self._model.units.of_scope(scope)
                known = unit is not None and is_self(node.value, unit.self_name)
                if not known or unit is None or unit.owner is None:
                    yield None
                elif self._model.classes.are_related(unit.owner, owner):
                    yield unit

    def around(self, unit: Unit, training: bool) -> Gates | None:
        """The gates that a unit has by its name and its decorators."""
        return both(unit.runs_in(training), self._decorated(unit))

    def _decorated(self, unit: Unit) -> Gates:
        """A decorator that knows the mode, or is named like it, may keep the unit from running."""
        gates = FREE
        for decorator in unit.node.decorators:
            node = decorator.decorator
            called = node.func if isinstance(node, cst.Call) else node
            assert unit.scope.parent is not None
            names = self._model.names.qualified(called, unit.scope.parent)
            if any(name.startswith("torch.") for name in names):
                continue
            name = tail_of(called)
            if name and (
                speaks_of_mode(name) or self._model.mentions_mode(node, unit.scope.parent)
            ):
                gates |= {Gate("flag", f"@{name}")}
        return gates

    @staticmethod
    def _defaults(unit: Unit) -> Given:
        """Rates that a method has of itself when its callers, elsewhere, pass none."""
        found = {}
        for parameter in unit.parameters if unit.in_module else ():
            default = parameter.default
            if isinstance(default, cst.Float) and default.evaluated_value > 0:
                name = parameter.name.value
                known = (Value.of(Parameter(name)), Value.of(Const(default.evaluated_value)))
                found[name] = Value.join(known)
        return found

    def given(self, unit: Unit, parameter: cst.Param, given: Given | None) -> Value:
        """What a parameter is worth in a call with these arguments (None: unknown ones)."""
        name = parameter.name.value
        if given is None:
            return self._defaults(unit).get(name) or Value.of(Parameter(name))
        if name in given:
            return given[name]
        if parameter.default is not None and unit.scope.parent is not None:
            evaluator = Evaluator(self._model, unit.scope.parent, True, None, None)
            return evaluator.eval(parameter.default)
        return Value.of(Parameter(name))


def _left_open(name: str, value: Value) -> Value:
    """A constant mode that callers hand on is up to them, here and in what is called from here."""
    constants = (a.value for a in value.atoms if isinstance(a, Const))
    if speaks_of_mode(name) and any(isinstance(constant, bool) for constant in constants):
        return Value.of(Parameter(name))
    return value


def _means(callee: Atom, user: Unit, unit: Unit) -> bool:
    """Whether what ``user`` calls is ``unit``, or a method that ``unit`` overrides."""
    if isinstance(callee, Local):
        return callee.node == id(unit.node)
    if not isinstance(callee, Method) or unit.owner is None or callee.name != unit.name:
        return False
    return callee.node == id(unit.node) or user.owner in unit.owner.lineage
