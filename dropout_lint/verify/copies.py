"""A model as often as it is needed: each copy fresh, all with the same parameters."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch

from dropout_lint.verify import rng, values
from dropout_lint.verify.call import Call

Factory = Callable[[], torch.nn.Module]
_BUILD_SEED = 0


class NotAModel(TypeError):
    """What was handed over neither is an `nn.Module` nor builds one."""


class Subject:
    """A model under test.

    A factory is called for every copy, under one seed. An instance is deep-copied; one that cannot
    be is used itself and its state put back after each run (``exact`` is False then, and what lies
    outside `state_dict()` may carry over).
    """

    def __init__(self, model: torch.nn.Module | Factory, device: str | None = None) -> None:
        self.exact = True
        self.uninitialised = False  # two copies that were built alike had other parameters
        self.device = device
        self._model: torch.nn.Module | None = None
        self._factory: Factory | None = None
        self._state: dict[str, Any] | None = None
        if isinstance(model, torch.nn.Module):
            self._model, self.name = model, type(model).__name__
        elif callable(model):
            self._factory, self.name = model, getattr(model, "__name__", "model")
        else:
            raise NotAModel(f"expected an nn.Module or a function that builds one, got {model!r}")

    def fresh(self) -> torch.nn.Module:
        """A copy in the mode in which it was built."""
        return self._built() if self._factory is not None else self._copied()

    def warm(self, call: Call) -> None:
        """Run a model with lazy parameters once: they are created by the first forward."""
        model = self.fresh()
        lazy = torch.nn.parameter.is_lazy
        if not any(map(lazy, model.parameters())) and not any(map(lazy, model.buffers())):
            return
        run = call.ready()
        rng.seed(_BUILD_SEED)
        with torch.no_grad():
            run(model)
        self._factory, self._model = None, model

    def _built(self) -> torch.nn.Module:
        assert self._factory is not None
        rng.seed(_BUILD_SEED)
        with torch.device(self.device) if self.device == "meta" else contextlib.nullcontext():
            model = self._factory()
        if not isinstance(model, torch.nn.Module):
            raise NotAModel(f"{self.name} returned {type(model).__name__}, not an nn.Module")
        self.name = type(model).__name__
        if self.device not in (None, "meta"):
            model = model.to(self.device)
        self._same_parameters(model)
        return model

    def _same_parameters(self, model: torch.nn.Module) -> None:
        """Some models leave parameters uninitialised; all copies get those of the first."""
        if self.device == "meta" or any(map(torch.nn.parameter.is_lazy, model.parameters())):
            return
        state = model.state_dict()
        if self._state is None:
            self._state = {key: values.clone(value) for key, value in state.items()}
        elif values.difference(self._state, dict(state)) is not None:
            self.uninitialised = True
            model.load_state_dict(self._state, strict=False)

    def adopt(self, state: Mapping[str, Any]) -> None:
        """Give all copies from here on these parameters and buffers, by name."""
        self._state = {key: values.clone(value) for key, value in state.items()}

    def _copied(self) -> torch.nn.Module:
        model = self._model
        assert model is not None
        if self.exact:
            try:
                found = copy.deepcopy(model)
                return found.to(self.device) if self.device else found
            except Exception:  # whatever a foreign __deepcopy__ may raise
                self.exact = False
                self._state = {k: values.clone(v) for k, v in model.state_dict().items()}
        assert self._state is not None
        model.load_state_dict(self._state)
        return model


@contextlib.contextmanager
def modes_kept(model: torch.nn.Module) -> Iterator[None]:
    """Put the `training` flags of all modules back as they were."""
    flags = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, flag in flags:
            module.__dict__["training"] = flag
