"""Fresh copies of a model, all with the same parameters."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.nn.parameter import is_lazy

from dropout_lint.verify.running import rng, values
from dropout_lint.verify.running.call import RunsModel, ready

Factory = Callable[[], torch.nn.Module]
_BUILD_SEED = 0
_HELD = ("_parameters", "_buffers", "_modules")


class NotAModel(TypeError):
    """The argument is no `nn.Module` and builds none."""


class Subject:
    """A model under test.

    A factory is called for every copy, under one seed. An instance is deep-copied; one that cannot
    be is used itself and put back before each run and by `put_back` (``exact`` is False then).
    """

    def __init__(self, model: torch.nn.Module | Factory, device: str | None = None) -> None:
        self.exact = True
        self.uninitialised = False  # two copies that were built alike had other parameters
        self.device = device
        self.notes: list[str] = []
        self._model: torch.nn.Module | None = None
        self._factory: Factory | None = None
        self._state: dict[str, Any] | None = None
        self._snapshot: ModelSnapshot | None = None
        self._shared: dict[int, Any] | None = None
        if isinstance(model, torch.nn.Module):
            self._model, self.name = model, type(model).__name__
        elif callable(model):
            self._factory, self.name = model, getattr(model, "__name__", "model")
        else:
            raise NotAModel(f"expected an nn.Module or a function that builds one, got {model!r}")

    def fresh(self) -> torch.nn.Module:
        """A copy in the mode in which it was built."""
        return self._built() if self._factory is not None else self._copied()

    def put_back(self) -> None:
        """Restore an instance that could not be copied and was run itself."""
        if self._snapshot is not None:
            self._snapshot.put_back()

    def warm(self, call: RunsModel) -> torch.nn.Module:
        """A first copy. A model with lazy parameters is run once before, which creates them."""
        model = self.fresh()
        if not any(map(is_lazy, model.parameters())) and not any(map(is_lazy, model.buffers())):
            return model
        run = ready(call)
        rng.seed(_BUILD_SEED)
        with torch.no_grad():
            run(model)
        self._factory, self._model = None, model
        return self.fresh()

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
        """Give a copy the parameters of the first: some models leave them uninitialised."""
        if self.device == "meta" or any(map(is_lazy, model.parameters())):
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
        assert self._model is not None
        if self._snapshot is not None:
            self._snapshot.put_back()
            return self._model
        try:
            copied = self._deep_copy(self._model)
        except Exception as error:  # whatever a foreign __deepcopy__ may raise
            text = f"{type(error).__name__}: {error}".splitlines()[0]
            self.notes.append(f"cannot be copied ({text}): it was run itself, and put back")
            self.exact = False
            self._snapshot = ModelSnapshot(self._model)
            return self._model
        return copied.to(self.device) if self.device else copied

    def _deep_copy(self, model: torch.nn.Module) -> torch.nn.Module:
        if self._shared is None:
            try:
                copied = copy.deepcopy(model)
                self._shared = {}
                return copied
            except Exception:
                self._shared = shared(model)
        memo = {key: values.clone(value) for key, value in self._shared.items()}
        return copy.deepcopy(model, memo)


def shared(model: torch.nn.Module) -> dict[int, Any]:
    """The attributes of a model's modules that `deepcopy` refuses, by identity: locks, files.

    Copies of the model share it, except for tensors.
    """
    refused: dict[int, Any] = {}
    modules = {id(module): module for module in model.modules()}

    def look(value: Any) -> None:
        if isinstance(value, (list, tuple)):
            for item in value:
                look(item)
        elif isinstance(value, dict):
            for item in value.values():
                look(item)
        elif id(value) not in modules and id(value) not in refused:
            try:
                copy.deepcopy(value, dict(modules))
            except Exception:
                refused[id(value)] = value

    for module in modules.values():
        look({k: v for k, v in module.__dict__.items() if k not in _HELD})
        look(module._buffers)  # those of lazy modules
    return refused


class ModelSnapshot:
    """The attributes of a model's modules and the numbers in their tensors, to be restored."""

    def __init__(self, model: torch.nn.Module) -> None:
        self._modules = [
            (module, {name: _shallow(value) for name, value in module.__dict__.items()})
            for module in model.modules()
        ]
        held = [t for t in (*model.parameters(), *model.buffers()) if not is_lazy(t)]
        self._tensors = [(tensor, tensor.detach().clone(), tensor.grad) for tensor in held]

    def put_back(self) -> None:
        for module, entries in self._modules:
            module.__dict__.clear()
            module.__dict__.update((name, _shallow(value)) for name, value in entries.items())
        with torch.no_grad():
            for tensor, numbers, grad in self._tensors:
                if values.difference(tensor, numbers) is not None:
                    tensor.copy_(numbers)
                tensor.grad = grad


def _shallow(value: Any) -> Any:
    return copy.copy(value) if isinstance(value, (list, dict, set)) else value


def returns(subject: Subject, model: torch.nn.Module) -> list[str]:
    """Notes about overridden `train` and `eval` methods that do not return the module."""
    own = {type(module) for module in model.modules() if _own_modes(type(module))}
    notes: list[str] = []
    if not own or not subject.exact:
        return notes
    for module in subject.fresh().modules():
        kind = type(module)
        for method in _own_modes(kind) if kind in own else ():
            with contextlib.suppress(Exception):  # the forward pass is what counts
                result = getattr(module, method)()
                if result is not module:
                    what = "None" if result is None else f"a {type(result).__name__}"
                    notes.append(
                        f"{kind.__name__}.{method}() returns {what}, not the module; "
                        "let it return self"
                    )
        own.discard(kind)
    return notes


def _own_modes(kind: type[torch.nn.Module]) -> list[str]:
    """Which of `train` and `eval` a class of the user's overrides."""
    if kind.__module__.startswith("torch."):
        return []
    base = torch.nn.Module
    return [name for name in ("train", "eval") if getattr(kind, name) is not getattr(base, name)]
