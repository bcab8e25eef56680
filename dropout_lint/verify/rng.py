"""The states of the random generators a model can reach without asking: torch, `random`, numpy."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Iterator
from typing import Any

import torch

States = dict[str, Any]


def snapshot() -> States:
    """The states by name: ``torch``, ``cuda:0`` …, ``python`` and, once imported, ``numpy``.

    A GPU is asked only when CUDA is initialised already: asking would initialise it.
    """
    states: States = {"torch": torch.default_generator.get_state(), "python": random.getstate()}
    if torch.cuda.is_initialized():
        for index in range(torch.cuda.device_count()):
            states[f"cuda:{index}"] = torch.cuda.get_rng_state(index)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        states["numpy"] = numpy.random.get_state()
    return states


def restore(states: States) -> None:
    for name, state in states.items():
        if name == "torch":
            torch.default_generator.set_state(state)
        elif name == "python":
            random.setstate(state)
        elif name == "numpy":
            sys.modules["numpy"].random.set_state(state)
        else:
            torch.cuda.set_rng_state(state, name)


def changed(before: States, after: States) -> set[str]:
    """Names of the generators whose state moved; one that appeared meanwhile is not told."""
    names = before.keys() & after.keys()
    return {name for name in names if not _equal(before[name], after[name])}


def seed(value: int) -> None:
    """Seed every generator, those of all GPUs included."""
    torch.manual_seed(value)
    random.seed(value)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(value)


@contextlib.contextmanager
def preserved() -> Iterator[None]:
    """Leave all generators as they were."""
    states = snapshot()
    try:
        yield
    finally:
        restore(states)


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return all(_equal(a, b) for a, b in zip(one, other, strict=True))
    if hasattr(one, "tobytes"):
        return bool(one.tobytes() == other.tobytes())
    return bool(one == other)
