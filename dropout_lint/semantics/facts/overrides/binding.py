"""The arguments with which nn.Module calls an override, bound to its parameters."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from dropout_lint.semantics.interpreter.evaluator import Evaluator
from dropout_lint.semantics.interpreter.values import Items, Parameter, Value
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo


def bound_by_position(
    model: SemanticModel, function: FunctionInfo, given: Sequence[Value]
) -> dict[str, Value] | None:
    """The parameters of a method in a call with these arguments; None: it raises TypeError."""
    placed, parameters = function.positional, function.node.params
    values: dict[str, Value] = {}
    for index, parameter in enumerate(placed):
        if index < len(given):
            values[parameter.name.value] = given[index]
        elif parameter.default is None:
            return None
        else:
            values[parameter.name.value] = default_of(model, function, parameter)
    rest = tuple(given[len(placed) :])
    star = parameters.star_arg
    if isinstance(star, cst.Param):
        values[star.name.value] = Value.of(Items(rest))
    elif rest:
        return None
    for parameter in parameters.kwonly_params:
        if parameter.default is None:
            return None
        values[parameter.name.value] = default_of(model, function, parameter)
    if parameters.star_kwarg is not None:
        values[parameters.star_kwarg.name.value] = Value.of(Items(()))
    return values


def default_of(model: SemanticModel, function: FunctionInfo, parameter: cst.Param) -> Value:
    """The value of a parameter that a call leaves out."""
    if parameter.default is None or function.scope.parent is None:
        return Value.of(Parameter(parameter.name.value))
    return Evaluator(model, function.scope.parent).eval(parameter.default)
