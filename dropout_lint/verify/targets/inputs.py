"""Inputs for a model: the first that exists of what the user gives, what the code offers, a guess.

The order: ``--inputs``, ``--input-size``, ``example_inputs()`` of the model, its class or its file,
Lightning's ``example_input_array``, Transformers' ``dummy_inputs``, and last inputs made up from
the signature of forward and the layers, which are labelled as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch

from dropout_lint.verify.targets.input_options import (
    InputError,
    InputOptions,
    filled,
    function_target,
    parse_size,
)
from dropout_lint.verify.targets.synthesis import synthesise
from dropout_lint.verify.targets.target_specs import TargetError, load


@dataclass(frozen=True)
class Inputs:
    """Inputs for `verify_eval` (tuple, dict or single value) and where they come from."""

    value: Any
    origin: str
    synthesised: bool = False


def find_inputs(
    model: torch.nn.Module,
    namespace: ModuleType | None = None,
    options: InputOptions | None = None,
    seconds: float = 15.0,
) -> Inputs:
    """Inputs for a model, the first in the order above.

    Args:
        model: the model, built; synthesis runs it (in eval mode, on a copy where one can be had).
        namespace: the module of the user's that the model comes from.
        options: what the command line says.
        seconds: how long made-up inputs may be looked for.

    Raises:
        InputError: where nothing fits. Also whatever the user's functions raise.
    """
    options = options or InputOptions()
    if options.function is not None:
        return Inputs(_called(options.function), f"--inputs {options.function}")
    if options.sizes:
        value = tuple(filled(*parse_size(size)) for size in options.sizes)
        return Inputs(value, " ".join(f"--input-size {size}" for size in options.sizes))
    offered = _offered(model, namespace)
    if offered is not None:
        return offered
    value, how = synthesise(model, seconds)
    return Inputs(value, f"synthesised: {how}", synthesised=True)


def _called(spec: str) -> Any:
    """The inputs that the function returns which ``--inputs`` names."""
    target = function_target(spec)
    assert target.name is not None
    try:
        function: Any = load(target)
        for part in target.name.split("."):
            function = getattr(function, part)
    except TargetError as error:
        raise InputError(f"--inputs {error}") from None
    except AttributeError as error:
        raise InputError(f"--inputs {spec}: {error}; check the name") from None
    if not callable(function):
        raise InputError(f"--inputs {spec}: is no function; name one that returns the inputs")
    return function()


def _offered(model: torch.nn.Module, namespace: ModuleType | None) -> Inputs | None:
    """The inputs that the code itself offers."""
    name = "example_inputs"
    for holder, what in ((model, f"{type(model).__name__}"), (namespace, _file(namespace))):
        value = getattr(holder, name, None)
        if value is not None:
            given = value() if callable(value) and not isinstance(value, torch.Tensor) else value
            return Inputs(given, f"{name}() of {what}")
    for holder in (model, namespace):
        value = getattr(holder, "example_input_array", None)
        if value is not None:
            return Inputs(value, "example_input_array")
    value = getattr(model, "dummy_inputs", None)
    if isinstance(value, dict) and value:
        return Inputs(value, "dummy_inputs")
    return None


def _file(namespace: ModuleType | None) -> str:
    return "the file" if namespace is None else f"{namespace.__name__}"
