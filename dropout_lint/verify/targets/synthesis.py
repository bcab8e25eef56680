"""Inputs made up for a model whose author gives none: from forward's signature and the layers.

The first layers with parameters determine what kind of tensor a model takes; the names and
annotations of the arguments, which of them are masks, tokens, lengths or edges. Several guesses are
tried. Where a model fails, the layer that was entered first determines the next ones.
"""

from __future__ import annotations

import copy
import inspect
import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from dropout_lint.verify.running import rng
from dropout_lint.verify.running.call import run
from dropout_lint.verify.targets.input_options import InputError
from dropout_lint.verify.targets.layers import BATCH, TIME, Guess, guesses_of

_TRIES = 60
_HELP = "give inputs with --input-size or --inputs, or define example_inputs()"


def synthesise(model: nn.Module, seconds: float = 15.0) -> tuple[Any, str]:
    """Inputs with which the model runs in eval mode, and a description.

    Raises InputError, also where nothing was found within ``seconds``.
    """
    parameters = _parameters(model)
    if not parameters:
        return (), "forward takes no arguments"
    probe = _Probe(model)
    queue = [layer for layer in model.modules() if guesses_of(layer)][:3]
    tried: set[tuple[Guess | None, ...]] = set()
    start = time.monotonic()
    for layer in _growing(queue):
        for guess in guesses_of(layer):
            for guesses in _spread(parameters, guess, model):
                if guesses in tried or len(tried) >= _TRIES:
                    continue
                if time.monotonic() - start > seconds:
                    break
                tried.add(guesses)
                inputs = _arguments(parameters, guesses)
                if probe.runs(inputs):
                    return inputs, _described(inputs)
        entered = probe.entered
        if entered is not None and entered not in queue:
            queue.append(entered)
    if not queue:  # a model of plain functions
        for guess in (Guess((BATCH, 8)), Guess((BATCH, 3, 16, 16)), Guess((BATCH, TIME, 8))):
            inputs = _arguments(parameters, next(_spread(parameters, guess, model)))
            if probe.runs(inputs):
                return inputs, _described(inputs)
    raise InputError(f"no inputs are given, and those made up do not fit ({probe.error}); {_HELP}")


def _growing(queue: list[nn.Module]) -> Iterator[nn.Module]:
    """The layers of a list that may grow during the iteration."""
    index = 0
    while index < len(queue):
        yield queue[index]
        index += 1


class _Probe:
    """Runs a model on guesses, and keeps the layer that it entered first."""

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self.entered: nn.Module | None = None
        self.error = "it takes no tensor"

    def runs(self, inputs: Any) -> bool:
        model = self._copy()
        self.entered = None
        handles = [
            module.register_forward_pre_hook(self._note)
            for module in model.modules()
            if guesses_of(module)
        ]
        try:
            with rng.preserved(), torch.no_grad():
                run(model, copy.deepcopy(inputs))
        except Exception as error:
            text = str(error).splitlines() or [""]
            self.error = f"{type(error).__name__}: {text[0][:160]}"
            return False
        finally:
            for handle in handles:
                handle.remove()
        return True

    def _note(self, module: nn.Module, _: Any) -> None:
        if self.entered is None:
            self.entered = module

    def _copy(self) -> nn.Module:
        try:
            model = copy.deepcopy(self._model)
        except Exception:  # whatever a foreign __deepcopy__ may raise
            model = self._model
        model.eval()
        return model


# --- what forward's arguments are ---------------------------------------------------------------


def _parameters(model: nn.Module) -> list[inspect.Parameter]:
    """The arguments that forward cannot do without."""
    try:
        parameters = list(inspect.signature(model.forward).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [p for p in parameters if p.default is p.empty and p.kind not in several]
    if not needed:  # forward(*args), or every argument optional: the first is the likeliest
        needed = [p for p in parameters if p.kind is not inspect.Parameter.VAR_KEYWORD][:1]
    return needed


_PLAIN: dict[Any, Any] = {int: 2, "int": 2, bool: False, "bool": False, float: 0.5, "float": 0.5}
_ROLES: tuple[tuple[tuple[str, ...], Callable[[Guess], Guess]], ...] = (
    (("edge_index",), lambda data: Guess((2, 2 * data.shape[0]), "int64", data.shape[0])),
    (("edge_weight", "edge_attr"), lambda data: Guess((2 * data.shape[0],))),
    (("adj",), lambda data: Guess((*data.shape[:-2], data.shape[-2], data.shape[-2]))),
    (("mask",), lambda data: Guess(_tokens(data).shape, "bool")),
    (("lengths", "lens", "length"), lambda data: Guess((data.shape[0],), "int64", 1)),
    (("timestep", "timesteps", "t"), lambda data: Guess((data.shape[0],), "int64", 2)),
)
_TOKENS = ("ids", "tokens", "token", "idx", "indices")


def _tokens(data: Guess) -> Guess:
    return Guess(data.shape[:2] if len(data.shape) > 1 else data.shape, "int64", data.bound)


def _spread(
    parameters: list[inspect.Parameter], data: Guess, model: nn.Module
) -> Iterator[tuple[Guess | None, ...]]:
    """A guess for each argument, None for one that is a plain value.

    Arguments that no role fits take the data; the later ones of them also what other layers take.
    """
    others = [g for layer in model.modules() for g in guesses_of(layer)[:1] if g != data]
    choices = []
    free = 0
    for parameter in parameters:
        role = _role(parameter, data)
        if role is not None:
            choices.append([role] if isinstance(role, Guess) else [None])
            continue
        later = list(dict.fromkeys(others))[:3] if free else []
        choices.append([data, *later])
        free += 1
    yield from itertools.islice(itertools.product(*choices), 8)


def _role(parameter: inspect.Parameter, data: Guess) -> Guess | bool | None:
    """The guess by name or annotation: True for a plain value, None for no guess."""
    if parameter.annotation in _PLAIN:
        return True
    name = parameter.name.lower()
    words = name.split("_")
    for names, make in _ROLES:
        if name in names or any(word in names for word in words if len(word) > 1):
            fits = len(data.shape) > 1 or "adj" not in names
            return make(data) if fits else None
    if any(word in _TOKENS for word in words) and data.dtype != "int64":
        return _tokens(data)
    return None


def _arguments(
    parameters: list[inspect.Parameter], guesses: tuple[Guess | None, ...]
) -> tuple[Any, ...] | dict[str, Any]:
    values = [
        _PLAIN[parameter.annotation] if guess is None else _made(parameter, guess)
        for parameter, guess in zip(parameters, guesses, strict=True)
    ]
    if any(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters):
        return {p.name: value for p, value in zip(parameters, values, strict=True)}
    return tuple(values)


def _made(parameter: inspect.Parameter, guess: Guess) -> torch.Tensor:
    """The tensor of a guess. Masks mask nothing, and lengths are full."""
    if guess.dtype == "bool":
        padding = "padding" in parameter.name or "ignore" in parameter.name
        return torch.zeros(guess.shape, dtype=torch.bool) if padding else guess.make() >= 0
    if "len" in parameter.name.lower():
        return torch.full(guess.shape, TIME, dtype=torch.int64)
    return guess.make()


def _described(inputs: Any) -> str:
    values = inputs.values() if isinstance(inputs, dict) else inputs
    return ", ".join(
        f"{str(v.dtype).removeprefix('torch.')}[{', '.join(map(str, v.shape))}]"
        if isinstance(v, torch.Tensor)
        else repr(v)
        for v in values
    )
