"""The runs of a file's functions, each made once."""

from __future__ import annotations

from dropout_lint.semantics.interpreter.contexts import CallingContexts
from dropout_lint.semantics.interpreter.execution import execute
from dropout_lint.semantics.interpreter.guards import FREE
from dropout_lint.semantics.interpreter.run import EvalRun, Run, TrainRun
from dropout_lint.semantics.interpreter.surroundings import Surroundings
from dropout_lint.semantics.syntax.functions import FunctionInfo


class Runs:
    """Runs functions in both modes; the run in train mode comes before the one in eval mode."""

    def __init__(self, surroundings: Surroundings, contexts: CallingContexts) -> None:
        self._surroundings = surroundings
        self._contexts = contexts
        self._train: dict[FunctionInfo, TrainRun] = {}
        self._eval: dict[FunctionInfo, EvalRun] = {}
        self._train_alone: dict[FunctionInfo, TrainRun] = {}
        self._eval_alone: dict[FunctionInfo, EvalRun] = {}

    def of(self, function: FunctionInfo, training: bool) -> Run:
        """The run of a function in one mode, with the arguments of its callers in the file."""
        return self._in_train(function) if training else self._in_eval(function)

    def alone(self, function: FunctionInfo, training: bool) -> Run:
        """The run of a function in one mode with unknown arguments.

        A function that calls itself gets what its run has found so far.
        """
        return self._alone_in_train(function) if training else self._alone_in_eval(function)

    def _in_train(self, function: FunctionInfo) -> TrainRun:
        if function not in self._train:
            context = self._contexts.of(function, True)
            self._train[function] = execute(
                self._surroundings, TrainRun(function), context.arguments, context.guards
            )
        return self._train[function]

    def _in_eval(self, function: FunctionInfo) -> EvalRun:
        if function not in self._eval:
            run = EvalRun(function, self._in_train(function))
            context = self._contexts.of(function, False)
            execute(self._surroundings, run, context.arguments, context.guards)
            self._eval[function] = run
        return self._eval[function]

    def _alone_in_train(self, function: FunctionInfo) -> TrainRun:
        if function not in self._train_alone:
            self._train_alone[function] = run = TrainRun(function)
            execute(self._surroundings, run, {}, FREE)
        return self._train_alone[function]

    def _alone_in_eval(self, function: FunctionInfo) -> EvalRun:
        if function not in self._eval_alone:
            run = EvalRun(function, self._alone_in_train(function))
            self._eval_alone[function] = run
            execute(self._surroundings, run, {}, FREE)
        return self._eval_alone[function]
