"""The runs of a file's functions, each made once."""

from __future__ import annotations

from collections.abc import Callable

from dropout_lint.semantics.interpreter.execution import execute
from dropout_lint.semantics.interpreter.guards import MODE
from dropout_lint.semantics.interpreter.run import EvalRun, Run, TrainRun
from dropout_lint.semantics.interpreter.surroundings import Surroundings
from dropout_lint.semantics.interpreter.values import Opaque, Value
from dropout_lint.semantics.interprocedural.contexts import CallingContext
from dropout_lint.semantics.syntax.functions import FunctionInfo


class Runs:
    """Runs functions in their calling contexts, in train mode before eval mode.

    ``early`` says that a function that calls itself gets what its run has found so far, and that
    one whose run is nested too deep in other runs is not run.
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
        self._runs: dict[tuple[FunctionInfo, bool], Run] = {}

    def of(self, function: FunctionInfo, training: bool) -> Run:
        """The run of a function in one mode."""
        key = (function, training)
        if key not in self._runs:
            run = TrainRun(function) if training else self._after_train(function)
            with self._surroundings.steps.nested() as is_run:
                if not is_run and self._early:
                    run.returns.append(Value.of(Opaque(MODE)))  # the mode may decide over it
                    return run
                if self._early:
                    self._runs[key] = run
                context = self._context(function, training)
                execute(self._surroundings, run, context.arguments, context.guards)
                self._runs[key] = run
        return self._runs[key]

    def _after_train(self, function: FunctionInfo) -> EvalRun:
        train_run = self.of(function, True)
        assert isinstance(train_run, TrainRun)
        return EvalRun(function, train_run)
