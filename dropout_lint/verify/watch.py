"""One watched forward pass: which calls draw, where, and whether that reaches the output.

In inference mode torch's composite ops arrive whole (`aten.dropout(x, p, train)`), with the same
names on CPU, CUDA and the meta device. A model that refuses inference mode runs under no_grad, then
with gradients, where ops arrive in pieces.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode

from dropout_lint.verify import decide, rng, values
from dropout_lint.verify.call import Call
from dropout_lint.verify.report import Cause, Site
from dropout_lint.verify.where import Modules, Place, locate

GRAD_MODES: dict[str, Callable[[], Any]] = {
    "inference": torch.inference_mode,
    "no_grad": torch.no_grad,
    "grad": torch.enable_grad,
}


@dataclass
class Record:
    """A site while it is watched: how often it drew, and its bit in the masks of taint."""

    place: Place
    draw: decide.Draw
    bit: int
    calls: int = 0


@dataclass
class Seen:
    """What a watched pass saw. ``escaped``: sites whose numbers went into Python (`item()`)."""

    output: Any = None
    grad_mode: str = "inference"
    drawn: list[Record] = field(default_factory=list)
    quiet: list[Record] = field(default_factory=list)
    reached: int = 0
    escaped: int = 0

    def reaches(self, record: Record) -> bool | None:
        if self.reached & record.bit:
            return True
        return None if self.escaped & record.bit else False

    def site(self, record: Record, **extra: Any) -> Site:
        draw, place = record.draw, record.place
        is_dropout = draw.is_dropout or _is_dropout(place.called)
        return Site(
            where=place.where,
            op=place.called or spelled(draw.op),
            cause=Cause.DROPOUT if is_dropout else Cause.TORCH,
            p=draw.p if draw.is_dropout else place.rate if is_dropout else None,
            calls=record.calls,
            own_generator=draw.own_generator,
            **extra,
        )


def spelled(op: str) -> str:
    """An op such as ``aten.rand_like`` as a user would call it."""
    name = op.split(".")[1]
    for prefix, namespace in (("torch", torch), ("F", F), ("Tensor", torch.Tensor)):
        if hasattr(namespace, name):
            return f"{prefix}.{name}"
    return op


def _is_dropout(called: str | None) -> bool:
    """Whether a function or module of torch's is one of dropout: its ops may arrive in pieces."""
    name = (called or "").lower()
    return "dropout" in name or name.endswith("scaled_dot_product_attention") or "rrelu" in name


class Watch(TorchDispatchMode):
    """Records the draws of everything that runs under it, and follows them to other tensors."""

    def __init__(self, modules: Modules) -> None:
        super().__init__()
        self.seen = Seen()
        self._modules = modules
        self._records: dict[tuple[Any, ...], Record] = {}
        self._masks: dict[int, int] = {}
        self._alive: list[Any] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Private to torch: False avoids the import of torch._dynamo, a second and more."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        draw = decide.draw(func, args, kwargs)
        mask = self._mask((args, kwargs)) if self._masks else 0
        if draw is not None:
            mask |= self._record(draw)
        result = func(*args, **kwargs)
        if mask:
            self._taint(result, mask)
            for value in _written(func, args, kwargs):
                self._taint(value, mask)
            if not isinstance(result, (torch.Tensor, tuple, list)):
                self.seen.escaped |= mask
        return result

    def mask(self, value: Any) -> int:
        """The sites whose numbers went into a value."""
        return self._mask(value)

    def _record(self, draw: decide.Draw) -> int:
        if not draw.active and not (draw.p and draw.is_dropout):
            return 0
        place = locate(self._modules)
        key = (place.where, place.called, draw.op, draw.active, draw.p)
        record = self._records.get(key)
        if record is None:
            bit = 1 << len(self._records)
            record = self._records[key] = Record(place, draw, bit)
            (self.seen.drawn if draw.active else self.seen.quiet).append(record)
        record.calls += 1
        return record.bit if draw.active else 0

    def _mask(self, value: Any) -> int:
        mask = 0
        for tensor in _flat(value):
            mask |= self._masks.get(_key(tensor), 0)
        return mask

    def _taint(self, value: Any, mask: int) -> None:
        for tensor in _flat(value):
            key = _key(tensor)
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


def _key(tensor: torch.Tensor) -> int:
    """What tensors that share memory have in common."""
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


def _written(func: Any, args: Any, kwargs: Any) -> Iterator[Any]:
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


def watched(model: torch.nn.Module, call: Call, seed: int) -> Seen:
    """Run a model under watch and a seed, in the least demanding grad mode that works.

    Raises what the model raises when it fails in every mode.
    """
    first: Exception | None = None
    for name, mode in GRAD_MODES.items():
        watch, run = Watch(Modules(model)), call.ready()
        rng.seed(seed)
        try:
            with _eager(), mode(), watch:
                output = run(model)
        except RuntimeError as error:  # as torch says "not allowed in inference mode"
            first = first or error
            continue
        watch.seen.output = output
        watch.seen.grad_mode = name
        watch.seen.reached = _reached(watch, output)
        return watch.seen
    assert first is not None
    raise first


def _reached(watch: Watch, output: Any) -> int:
    mask = 0
    for tensor in values.tensors(output):
        mask |= watch.mask(tensor)
    return mask


@contextlib.contextmanager
def _eager() -> Iterator[None]:
    """Run compiled functions uncompiled, lest the watch leaves their caches in pieces."""
    if "torch._dynamo" not in sys.modules:
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield
