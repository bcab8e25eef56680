"""The calling context of a function: the arguments and guards of the file's calls of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from dropout_lint.semantics.interpreter.arguments import ArgumentValues, function_arguments
from dropout_lint.semantics.interpreter.evaluator import Evaluator
from dropout_lint.semantics.interpreter.guards import FREE, Guard, Guards, both, weakest
from dropout_lint.semantics.interpreter.values import (
    Atom,
    Const,
    Local,
    Method,
    Parameter,
    Value,
)
from dropout_lint.semantics.interprocedural.file_surroundings import FileSurroundings
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import tail_of
from dropout_lint.vocabulary.modes import EVAL_STEPS, TRAIN_STEPS, TRAINING_WORDS, speaks_of_mode
from dropout_lint.vocabulary.words import words


@dataclass(frozen=True)
class CallingContext:
    """The values of a function's parameters, and the guards in front of it (None: not called)."""

    arguments: ArgumentValues = field(default_factory=dict)
    guards: Guards | None = FREE


@dataclass(frozen=True)
class ContextCall:
    """A call in the file: by whom, with what arguments (None: unknown), behind which guards."""

    caller: FunctionInfo
    arguments: ArgumentValues | None
    guards: Guards


class CallingContexts:
    """The calling contexts of a file's functions, from the runs of their callers."""

    def __init__(self, surroundings: FileSurroundings) -> None:
        self._surroundings = surroundings
        self._functions = surroundings.functions
        self._entering: set[tuple[FunctionInfo, bool]] = set()
        self._reading: set[tuple[ClassInfo, str, bool]] = set()

    def of(self, function: FunctionInfo, training: bool) -> CallingContext:
        """The calling context of a function in one mode."""
        mode = function.mode_parameter
        if function.is_mode_override:
            known = {mode: Value.of(Const(training))} if mode is not None else {}
            runs = function.name == "train" or not training
            return CallingContext(known, FREE if runs else None)
        own = self.around(function, training)
        key = (function, training)
        if own is None or function.is_entry or not self._functions.callers(function):
            return CallingContext(self._defaults(function), own)
        self._entering.add(key)
        calls = self.calls_of(function, training)
        self._entering.discard(key)
        guards = weakest(*(call.guards for call in calls))
        if guards is None:  # no call is reached in this mode
            return CallingContext({}, None)
        arguments: ArgumentValues = {}
        for parameter in function.parameters:
            name = parameter.name.value
            value = Value.join(
                self.given(function, parameter, call.arguments).behind(call.guards - guards)
                for call in calls
            )
            arguments[name] = _left_to_callers(name, value)
        return CallingContext(arguments, both(own, guards))

    def calls_of(self, function: FunctionInfo, training: bool) -> list[ContextCall]:
        """The calls of a function in this file in one mode."""
        calls: list[ContextCall] = []
        kept = any(
            self._shows(reader, function)
            for reader in self._functions.readers(function)
            if (reader, True) not in self._entering
        )
        for caller, seen in self._functions.callers(function).items():
            if not seen or (caller, training) in self._entering:
                calls.append(ContextCall(caller, None, FREE))
                continue
            run = self._surroundings.run(caller, training)
            for called in run.calls_of(function):
                if _means(called.callee, caller, function):
                    arguments = function_arguments(function, called.arguments)
                    calls.append(ContextCall(caller, arguments, called.guards))
            for atom, guards in run.escaping if not (kept and caller.builds) else ():
                if _means(atom, caller, function):
                    calls.append(ContextCall(caller, None, guards))
        return calls

    def _shows(self, reader: FunctionInfo, function: FunctionInfo) -> bool:
        """Whether the run of a method in train mode calls a function that is kept on self."""
        run = self._surroundings.run(reader, True)
        return any(_means(called.callee, reader, function) for called in run.calls)

    def read(self, owner: ClassInfo, name: str, training: bool) -> Guards | None:
        """The guards behind which the methods of a class read ``self.name`` in a mode.

        `FREE` where the file does not read it at all, or reads it in another way.
        """
        key = (owner, name, training)
        if key in self._reading:
            return FREE
        self._reading.add(key)
        try:
            readers = list(self._readers(owner, name))
            if not readers or None in readers:
                return FREE
            runs = [self._surroundings.run(f, training) for f in readers if f is not None]
            return weakest(*(run.read.get(name) for run in runs))
        finally:
            self._reading.discard(key)

    def _readers(self, owner: ClassInfo, name: str) -> Iterator[FunctionInfo | None]:
        """The functions that read ``self.name``; None for what reads it in another way."""
        functions = self._functions
        for node, scope in functions.names.mentions_of(name):
            if isinstance(node, cst.Attribute):
                if isinstance(functions.tree.parent(node), cst.AssignTarget):
                    continue
                function = functions.of_scope(scope)
                known = function is not None and is_self(node.value, function.self_name)
                if not known or function is None or function.owner is None:
                    yield None
                elif functions.classes.are_related(function.owner, owner):
                    yield function

    def around(self, function: FunctionInfo, training: bool) -> Guards | None:
        """The guards of a function by its name and its decorators."""
        return both(_guards_by_name(function, training), self._decorated(function))

    def _decorated(self, function: FunctionInfo) -> Guards:
        """The guards of decorators that know the mode, or are named so: they may skip the call."""
        guards = FREE
        for decorator in function.node.decorators:
            node = decorator.decorator
            called = node.func if isinstance(node, cst.Call) else node
            assert function.scope.parent is not None
            names = self._functions.names.qualified(called, function.scope.parent)
            if any(name.startswith("torch.") for name in names):
                continue
            name = tail_of(called)
            if name and (speaks_of_mode(name) or self._surroundings.mentions_mode(node)):
                guards |= {Guard("flag", f"@{name}")}
        return guards

    @staticmethod
    def _defaults(function: FunctionInfo) -> ArgumentValues:
        """The default rates of a method, for callers in other files that pass none."""
        defaults: ArgumentValues = {}
        for parameter in function.parameters if function.in_module else ():
            default = parameter.default
            if isinstance(default, cst.Float) and default.evaluated_value > 0:
                name = parameter.name.value
                known = (Value.of(Parameter(name)), Value.of(Const(default.evaluated_value)))
                defaults[name] = Value.join(known)
        return defaults

    def given(
        self, function: FunctionInfo, parameter: cst.Param, arguments: ArgumentValues | None
    ) -> Value:
        """The value of a parameter in a call with these arguments (None: unknown ones)."""
        name = parameter.name.value
        if arguments is None:
            return self._defaults(function).get(name) or Value.of(Parameter(name))
        if name in arguments:
            return arguments[name]
        if parameter.default is not None and function.scope.parent is not None:
            return Evaluator(self._surroundings, function.scope.parent).eval(parameter.default)
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


def _left_to_callers(name: str, value: Value) -> Value:
    """The value of a parameter, left unknown where callers pass a constant mode.

    The callers decide about it, here and in the functions that are called from here.
    """
    constants = (a.value for a in value.atoms if isinstance(a, Const))
    if speaks_of_mode(name) and any(isinstance(constant, bool) for constant in constants):
        return Value.of(Parameter(name))
    return value


def _means(callee: Atom, caller: FunctionInfo, function: FunctionInfo) -> bool:
    """Whether what a caller calls is the function, or a method that the function overrides."""
    if isinstance(callee, Local):
        return callee.node == function.node
    if not isinstance(callee, Method) or function.owner is None or callee.name != function.name:
        return False
    if callee.node == function.node:
        return True
    return caller.owner is not None and function.owner.descends_from(caller.owner)
