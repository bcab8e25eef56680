"""The calling context of a function: the arguments and guards of the file's calls of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from dropout_lint.semantics.interpreter.calls import Evaluator
from dropout_lint.semantics.interpreter.run import function_arguments
from dropout_lint.semantics.interpreter.values import (
    FREE,
    Atom,
    Const,
    Guard,
    Guards,
    Local,
    Method,
    Parameter,
    Value,
    both,
    weakest,
)
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import tail_of
from dropout_lint.vocabulary import EVAL_STEPS, TRAIN_STEPS, TRAINING_WORDS, speaks_of_mode, words

if TYPE_CHECKING:
    from dropout_lint.semantics.model import SemanticModel

Given = dict[str, Value]
Entry = tuple[Given, Guards | None]


class CallingContexts:
    """The entries of a file's functions, found through the runs of those that use them."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._entering: set[tuple[cst.CSTNode, bool]] = set()
        self._reading: set[tuple[ClassInfo, str, bool]] = set()

    def of(self, function: FunctionInfo, training: bool) -> Entry:
        """Parameter values and guards (None: not at all) of a function in one mode."""
        mode = function.mode_parameter
        if function.is_mode_override:
            known = {mode: Value.of(Const(training))} if mode is not None else {}
            return known, FREE if function.name == "train" or not training else None
        own = self.around(function, training)
        key = (function.node, training)
        if own is None or function.is_entry or not self._model.functions.callers(function):
            return self._defaults(function), own
        self._entering.add(key)
        met = [(given, guards) for _, given, guards in self.calls_of(function, training)]
        self._entering.discard(key)
        guards = weakest(*(guards for _, guards in met))
        if guards is None:  # every call stands where this mode does not come
            return {}, None
        entry: Given = {}
        for parameter in function.parameters:
            values = [
                self.given(function, parameter, given).behind(own_guards - guards)
                for given, own_guards in met
            ]
            entry[parameter.name.value] = _left_open(parameter.name.value, Value.join(values))
        return entry, both(own, guards)

    def calls_of(
        self, function: FunctionInfo, training: bool
    ) -> list[tuple[FunctionInfo, Given | None, Guards]]:
        """Who in this file calls the function in a mode: with what (None: unknown), behind what."""
        found: list[tuple[FunctionInfo, Given | None, Guards]] = []
        for caller, seen in self._model.functions.callers(function).items():
            if not seen or (caller.node, training) in self._entering:
                found.append((caller, None, FREE))
                continue
            run = self._model.run(caller, training)
            for called in run.calls:
                if _means(called.callee, caller, function):
                    found.append(
                        (caller, function_arguments(function, called.arguments), called.guards)
                    )
            for atom, guards in run.handed:
                if _means(atom, caller, function):
                    found.append((caller, None, guards))
        return found

    def read(self, owner: ClassInfo, name: str, training: bool) -> Guards | None:
        """Behind which guards ``self.name`` is read in a mode by the methods of a class.

        Where the file does not read it at all, or by another way, anybody may.
        """
        key = (owner, name, training)
        if key in self._reading:
            return FREE
        self._reading.add(key)
        try:
            readers = list(self._readers(owner, name))
            if not readers or None in readers:
                return FREE
            runs = [
                self._model.run(function, training) for function in readers if function is not None
            ]
            return weakest(*(run.read.get(name) for run in runs))
        finally:
            self._reading.discard(key)

    def _readers(self, owner: ClassInfo, name: str) -> Iterator[FunctionInfo | None]:
        """The functions that read ``self.name``; None for what reads it otherwise."""
        for node, scope in self._model.names.mentions:
            if isinstance(node, cst.Attribute) and node.attr.value == name:
                if isinstance(self._model.tree.parent(node), cst.AssignTarget):
                    continue
                function = self._model.functions.of_scope(scope)
                known = function is not None and is_self(node.value, function.self_name)
                if not known or function is None or function.owner is None:
                    yield None
                elif self._model.classes.are_related(function.owner, owner):
                    yield function

    def around(self, function: FunctionInfo, training: bool) -> Guards | None:
        """The guards that a function has by its name and its decorators."""
        return both(_guards_by_name(function, training), self._decorated(function))

    def _decorated(self, function: FunctionInfo) -> Guards:
        """A decorator that knows the mode, or is named so, may keep the function from running."""
        guards = FREE
        for decorator in function.node.decorators:
            node = decorator.decorator
            called = node.func if isinstance(node, cst.Call) else node
            assert function.scope.parent is not None
            names = self._model.names.qualified(called, function.scope.parent)
            if any(name.startswith("torch.") for name in names):
                continue
            name = tail_of(called)
            if name and (
                speaks_of_mode(name) or self._model.mentions_mode(node, function.scope.parent)
            ):
                guards |= {Guard("flag", f"@{name}")}
        return guards

    @staticmethod
    def _defaults(function: FunctionInfo) -> Given:
        """Rates that a method has of itself when its callers, elsewhere, pass none."""
        found = {}
        for parameter in function.parameters if function.in_module else ():
            default = parameter.default
            if isinstance(default, cst.Float) and default.evaluated_value > 0:
                name = parameter.name.value
                known = (Value.of(Parameter(name)), Value.of(Const(default.evaluated_value)))
                found[name] = Value.join(known)
        return found

    def given(self, function: FunctionInfo, parameter: cst.Param, given: Given | None) -> Value:
        """What a parameter is worth in a call with these arguments (None: unknown ones)."""
        name = parameter.name.value
        if given is None:
            return self._defaults(function).get(name) or Value.of(Parameter(name))
        if name in given:
            return given[name]
        if parameter.default is not None and function.scope.parent is not None:
            evaluator = Evaluator(self._model, function.scope.parent, True, None, None)
            return evaluator.eval(parameter.default)
        return Value.of(Parameter(name))


def _guards_by_name(function: FunctionInfo, training: bool) -> Guards | None:
    """The guards in front of a method in one mode, by its name.

    Constructors and Lightning's step methods run in one mode only. The callers of ``train_epoch``
    and ``fit`` decide about the mode.
    """
    if function.self_name is None:
        return FREE
    if function.builds or function.name in TRAIN_STEPS:
        return FREE if training else None
    if function.name in EVAL_STEPS:
        return None if training else FREE
    if words(function.name) & TRAINING_WORDS:
        return frozenset({Guard("flag", f"{function.name}()")})
    return FREE


def _left_open(name: str, value: Value) -> Value:
    """A constant mode that callers hand on is up to them, here and in what is called from here."""
    constants = (a.value for a in value.atoms if isinstance(a, Const))
    if speaks_of_mode(name) and any(isinstance(constant, bool) for constant in constants):
        return Value.of(Parameter(name))
    return value


def _means(callee: Atom, caller: FunctionInfo, function: FunctionInfo) -> bool:
    """Whether what ``user`` calls is ``function``, or a method that ``function`` overrides."""
    if isinstance(callee, Local):
        return callee.node == function.node
    if not isinstance(callee, Method) or function.owner is None or callee.name != function.name:
        return False
    return callee.node == function.node or caller.owner in function.owner.lineage
