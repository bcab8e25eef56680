"""The states of the global random generators (torch, `random`, numpy) and of a model's own."""

from __future__ import annotations

import contextlib
import ctypes
import random
import sys
from collections.abc import Iterator
from typing import Any, Literal, cast

import torch

States = dict[str, Any]
GeneratorKind = Literal["torch", "python", "numpy"]
_OTHER_ACCELERATOR = torch.backends.mps.is_available() or torch.xpu.is_available()


def snapshot() -> States:
    """The states by name: ``torch``, ``cuda:0`` …, ``python`` and, once imported, ``numpy``.

    The state of a GPU is read only if CUDA is initialised: reading would initialise it.
    """
    states: States = {"torch": torch.default_generator.get_state(), "python": random.getstate()}
    if torch.cuda.is_initialized():
        for index in range(torch.cuda.device_count()):
            states[f"cuda:{index}"] = torch.cuda.get_rng_state(index)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        states["numpy"] = numpy.random.get_state()
    return states


def mark() -> tuple[bytes, ...]:
    """The state of torch's generators, as bytes to compare."""
    states = [torch.default_generator.get_state()]
    if torch.cuda.is_initialized():
        states += [torch.cuda.get_rng_state(index) for index in range(torch.cuda.device_count())]
    return tuple(ctypes.string_at(state.data_ptr(), state.numel()) for state in states)


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
    """The names of the generators whose state changed, of those in both snapshots."""
    names = before.keys() & after.keys()
    return {name for name in names if not _equal(before[name], after[name])}


def seed(value: int) -> None:
    """Seed every generator, those of all GPUs included."""
    seed_torch(value)
    random.seed(value)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(value)


def held(model: torch.nn.Module) -> dict[str, Any]:
    """The generators of `random` and numpy that a model's modules have as attributes."""
    kinds = _kinds()
    generators: dict[str, Any] = {}
    for path, module in model.named_modules():
        for name, value in module.__dict__.items():
            if isinstance(value, kinds) and not isinstance(value, random.SystemRandom):
                kind = "python" if isinstance(value, random.Random) else "numpy"
                generators[f"{kind}:{path}.{name}"] = value
    return generators


def _kinds() -> tuple[type, ...]:
    numpy = sys.modules.get("numpy.random")
    return (
        (random.Random,) if numpy is None else (random.Random, numpy.Generator, numpy.RandomState)
    )


def is_own(name: str) -> bool:
    """Whether a name is that of a generator that the model holds."""
    return ":" in name and generator_kind(name) in ("python", "numpy")


def generator_kind(name: str) -> GeneratorKind:
    """The library of a generator, by its name in `snapshot` or `held`."""
    kind = "torch" if name.startswith("cuda") else name.partition(":")[0]
    return cast(GeneratorKind, kind)


def fingerprints(own: dict[str, Any]) -> States:
    """For each generator some words that change whenever it draws: cheaper than its whole state."""
    words: States = {"torch": mark(), "python": _words(random.getstate())}
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        words["numpy"] = _numpy_words(numpy.random.get_state(legacy=False))
    for name, generator in own.items():
        if isinstance(generator, random.Random):
            words[name] = _words(generator.getstate())
        elif hasattr(generator, "bit_generator"):
            words[name] = _numpy_words(generator.bit_generator.state)
        else:
            words[name] = _numpy_words(generator.get_state(legacy=False))
    return words


def _words(state: Any) -> Any:
    words = state[1]
    return (words[-1], words[1], words[2], state[2]) if isinstance(words, tuple) else repr(state)


def _numpy_words(state: dict[str, Any]) -> Any:
    inner = state["state"]
    key = inner["key"][:2].tobytes() if "key" in inner else repr(inner)
    return key, inner.get("pos"), state.get("has_gauss"), state.get("gauss"), state.get("uinteger")


def disturb(name: str, own: dict[str, Any], turn: int, value: int) -> None:
    """Put one generator into another state and leave the others as they are."""
    if name in own:
        for _ in range(turn):
            own[name].random()
    elif name == "python":
        random.seed(value)
    elif name == "numpy":
        sys.modules["numpy"].random.seed(value)
    else:
        seed_torch(value)


def seed_torch(value: int) -> None:
    """Seed torch's generators, those of CUDA only once it is initialised.

    `torch.manual_seed` would each time format a stack trace and queue it until CUDA starts.
    """
    if _OTHER_ACCELERATOR:
        torch.manual_seed(value)
        return
    torch.default_generator.manual_seed(value)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(value)


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
    if isinstance(one, tuple) and set(map(type, one)) == {int}:  # the words of `random`
        return bool(one == other)
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return all(_equal(a, b) for a, b in zip(one, other, strict=True))
    if hasattr(one, "tobytes"):
        return bool(one.tobytes() == other.tobytes())
    return bool(one == other)
