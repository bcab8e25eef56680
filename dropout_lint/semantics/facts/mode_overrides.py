"""Overrides of ``train`` and ``eval``: what they do to the mode, and what they return."""

from __future__ import annotations

import libcst as cst

from dropout_lint.semantics.interpreter.run import Called, Run
from dropout_lint.semantics.interpreter.values import NONE, Ref, SelfObject, truth
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import children


def is_override(model: SemanticModel, function: FunctionInfo) -> bool:
    """Whether the method is about modes: ``train(self)`` may as well be a training loop."""
    if not function.is_named_as_override or function.positional:
        return function.is_mode_override
    run = last_run(model, function)
    return bool(_toggled(run)) or "self.training" in run.exit_state


def last_run(model: SemanticModel, function: FunctionInfo) -> Run:
    """The method's run in eval mode; ``train(self)`` has one in train mode only."""
    return model.run(function, not function.is_mode_override)


def mode_fault(model: SemanticModel, function: FunctionInfo) -> str | None:
    """What is wrong with the mode that the method leaves when it is asked for eval mode."""
    in_train, in_eval = model.run(function, True), last_run(model, function)
    if in_eval.raises or _hands_self_on(in_eval):
        return None
    left = in_eval.exit_state.get("self.training")
    if left is not None:
        asked = in_eval is in_train or truth(left).when_false is not None
        return None if asked else "does not pass the mode on"
    if "self.training" in in_train.exit_state:  # `if mode: super().train(mode)`, and nothing else
        return None if _toggled(in_eval) else "does not pass eval mode on"
    return "does not set the mode"


def returns_none(model: SemanticModel, function: FunctionInfo) -> bool:
    """Whether all that the method returns in some mode is None."""
    runs = {last_run(model, function), model.run(function, function.name == "train")}
    return any(not run.raises and run.returned == NONE for run in runs)


def only_returns(method: cst.FunctionDef) -> bool:
    """``return self`` and nothing else but a docstring."""
    statements = [
        statement
        for line in children(method.body)
        for statement in (line.body if isinstance(line, cst.SimpleStatementLine) else [line])
        if not (isinstance(statement, cst.Expr) and isinstance(statement.value, cst.BaseString))
    ]
    return all(isinstance(s, (cst.Return, cst.Pass)) for s in statements) and any(
        isinstance(s, cst.Return) and s.value is not None for s in statements
    )


def _hands_self_on(run: Run) -> bool:
    """Whether something unknown gets the module itself, and may do anything with it."""
    return any(
        isinstance(argument.value.only, SelfObject)
        for called in run.calls
        for argument in called.arguments
        if not (isinstance(called.callee, Ref) and called.callee.name.startswith("builtins."))
    )


def _toggled(run: Run) -> list[Called]:
    """The calls of some object's ``train`` or ``eval``."""
    return [
        called
        for called in run.calls
        if isinstance(called.node.func, cst.Attribute)
        and called.node.func.attr.value in ("train", "eval")
        and len(called.node.args) <= 1
    ]
