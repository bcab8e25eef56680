"""Taint: which draws went into which tensors. Each random op has a bit, and bits follow the ops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch.multiprocessing.reductions import StorageWeakRef


class Taint:
    """A mask of random ops for every storage that their numbers reached."""

    def __init__(self) -> None:
        self._masks: dict[int, int] = {}
        self._alive: list[Any] = []

    def __bool__(self) -> bool:
        return bool(self._masks)

    def of(self, value: Any) -> int:
        """The mask of the random ops whose numbers went into the arguments of an op."""
        mask = 0
        for tensor in _flat(value):
            mask |= self._masks.get(memory(tensor), 0)
        return mask

    def add(self, value: Any, mask: int) -> None:
        for tensor in _flat(value):
            key = memory(tensor)
            if key not in self._masks:
                self._alive.append(_keep(tensor))  # so that its address is not used again
            self._masks[key] = self._masks.get(key, 0) | mask


def _flat(value: Any) -> Iterator[torch.Tensor]:
    """The tensors among the arguments or results of an op."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _flat(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _flat(item)


def memory(tensor: torch.Tensor) -> int:
    """A number that tensors with the same storage have in common."""
    try:
        return int(tensor.untyped_storage()._cdata)
    except (NotImplementedError, RuntimeError):  # sparse, nested and wrapper tensors have none
        return id(tensor)


def _keep(tensor: torch.Tensor) -> Any:
    try:
        return StorageWeakRef(tensor.untyped_storage())
    except (NotImplementedError, RuntimeError):
        return tensor


_writes: dict[Any, tuple[tuple[int, str], ...]] = {}


def written(func: Any, args: Any, kwargs: Any) -> Iterator[Any]:
    """The arguments that an op writes to."""
    places = _writes.get(func)
    if places is None:
        arguments = enumerate(func._schema.arguments) if hasattr(func, "_schema") else ()
        places = _writes[func] = tuple(
            (index, argument.name)
            for index, argument in arguments
            if argument.alias_info is not None and argument.alias_info.is_write
        )
    for index, name in places:
        if index < len(args):
            yield args[index]
        elif name in kwargs:
            yield kwargs[name]
