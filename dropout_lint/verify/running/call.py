"""Calling a model: every run gets its own copy of the same inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import GeneratorType
from typing import Any

import torch

from dropout_lint.verify.running import rng, values

RunsModel = Callable[[torch.nn.Module], Any]
_SEED = 0


class Call:
    """Runs a model on fresh copies of its inputs.

    ``inputs`` is a tuple of positional arguments, a dict of keyword arguments, both as `Arguments`,
    a single value, or a function without arguments that returns one of these.
    """

    def __init__(self, inputs: Any, device: str | None = None) -> None:
        self._inputs = inputs
        self._device = device
        self._made = False
        self._given: Any = None
        self._before: Any = None
        self._used: Any = None

    def __call__(self, model: torch.nn.Module) -> Any:
        return self.ready()(model)

    def ready(self) -> Callable[[torch.nn.Module], Any]:
        """A function that runs a model once. Making it may draw from the generators."""
        self._before = self.inputs()
        self._used = values.clone(self._before)
        return partial(run, given=self._used)

    def inputs(self) -> Any:
        """The inputs, on the device; a function that makes them is called once, under a seed."""
        if not self._made:
            self._given, self._made = self._make(), True
        return self._given

    def _make(self) -> Any:
        given = self._inputs
        if callable(given) and not isinstance(given, torch.Tensor):
            with rng.preserved():
                rng.seed(_SEED)
                given = given()
        return given if self._device is None else values.to_device(given, self._device)

    def mutated(self) -> str | None:
        """The path at which the latest run changed its inputs, None if it did not."""
        difference = values.difference(self._before, self._used, "inputs")
        return None if difference is None else difference.path


def ready(call: RunsModel) -> RunsModel:
    """A function that runs a model once, with inputs made already: making them may draw."""
    return call.ready() if isinstance(call, Call) else call


@dataclass
class Arguments:
    """Positional and keyword arguments together."""

    positional: tuple[Any, ...]
    keywords: dict[str, Any]


def run(model: torch.nn.Module, given: Any) -> Any:
    """The output of a model for arguments in any of the forms that `Call` takes.

    A generator function is run to its end.
    """
    if isinstance(given, Arguments):
        output = model(*given.positional, **given.keywords)
    elif isinstance(given, dict):
        output = model(**given)
    else:
        output = model(*given) if isinstance(given, tuple) else model(given)
    return list(output) if isinstance(output, GeneratorType) else output
