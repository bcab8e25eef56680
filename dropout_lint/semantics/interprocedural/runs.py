"""The runs of a file's functions, each made once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from dropout_lint.semantics.interpreter.execution import execute
from dropout_lint.semantics.interpreter.run import EvalRun, Run, TrainRun
from dropout_lint.semantics.interpreter.surroundings import Surroundings
from dropout_lint.semantics.interprocedural.contexts import CallingContext
from dropout_lint.semantics.syntax.functions import FunctionInfo

_Run = TypeVar("_Run", bound=Run)


class Runs:
    """Runs functions in their calling contexts, in train mode before eval mode.

    ``early`` says that a function that calls itself gets what its run has found so far.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        context: Callable[[FunctionInfo, bool], CallingContext],
        *,
        early: bool = False,
    ) -> None:
        self._surroundings = surroundings
        self._context = context
        self._early = early
        self._train: dict[FunctionInfo, TrainRun] = {}
        self._eval: dict[FunctionInfo, EvalRun] = {}

    def of(self, function: FunctionInfo, training: bool) -> Run:
        """The run of a function in one mode."""
        if training:
            return self._in_train(function)
        if function not in self._eval:
            run = EvalRun(function, self._in_train(function))
            if self._early:
                self._eval[function] = run
            self._eval[function] = self._executed(run)
        return self._eval[function]

    def _in_train(self, function: FunctionInfo) -> TrainRun:
        if function not in self._train:
            run = TrainRun(function)
            if self._early:
                self._train[function] = run
            self._train[function] = self._executed(run)
        return self._train[function]

    def _executed(self, run: _Run) -> _Run:
        context = self._context(run.function, run.training)
        return execute(self._surroundings, run, context.arguments, context.guards)
