"""Nested values that models take and return: walk over them, copy them, compare them bit by bit.

torch's own pytree treats dataclasses as leaves and supports neither sparse nor nested tensors, so
the walk is our own. Paths are written as in code: ``out['logits'][0].mean``.
"""

from __future__ import annotations

import copy
import ctypes
import dataclasses
import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch.utils import _pytree as pytree

_DEPTH = 12
_OBJECT_DEPTH = 4
_PLAIN = (bool, int, float, complex, str, bytes, type(None), torch.dtype, torch.device, torch.Size)

Leaf = tuple[str, Any]
DifferenceKind = Literal["structure", "type", "shape", "bits", "payload"]


@dataclass(frozen=True)
class Difference:
    """The first place where two values differ.

    ``payload``: only the payload of a NaN or the sign of a zero differs, and no number.
    """

    path: str
    kind: DifferenceKind

    @property
    def is_numeric(self) -> bool:
        """Whether anything but a payload differs."""
        return self.kind != "payload"

    def __str__(self) -> str:
        return f"{self.path} differs in {self.kind}"


def leaves(value: Any, path: str = "out") -> Iterator[Leaf]:
    """Tensors and plain values inside a value, each with its path. Cycles are cut."""
    yield from _walk(value, path, _DEPTH, set())


def tensors(value: Any) -> Iterator[torch.Tensor]:
    """The dense strided tensors inside a value: those whose bytes can be compared."""
    for _, leaf in leaves(value):
        if isinstance(leaf, torch.Tensor):
            yield leaf


def wholes(value: Any) -> Iterator[torch.Tensor]:
    """The tensors inside a value as they are: sparse, nested and quantized ones are not split."""
    for _, leaf in _walk(value, "", _DEPTH, set(), split=False):
        if isinstance(leaf, torch.Tensor):
            yield leaf


def _walk(value: Any, path: str, depth: int, above: set[int], split: bool = True) -> Iterator[Leaf]:
    if isinstance(value, torch.Tensor):
        yield from _parts(value, path) if split else ((path, value),)
        return
    if isinstance(value, _PLAIN) or callable(value):
        yield path, value
        return
    if (array := _as_tensor(value)) is not None:
        yield path, array
        return
    if depth == 0 or id(value) in above:
        return
    above = above | {id(value)}
    for name, item in _items(value, depth):
        yield from _walk(item, path + name, depth - 1, above, split)


def _items(value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """The direct parts of a container, each with what to append to the path."""
    if isinstance(value, Mapping):
        yield "", type(value).__name__
        yield from ((f"[{key!r}]", item) for key, item in value.items())
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for entry in dataclasses.fields(value):
            yield f".{entry.name}", getattr(value, entry.name, None)
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        yield from ((f".{name}", getattr(value, name)) for name in value._fields)
    elif isinstance(value, (list, tuple)):
        yield "", len(value)
        yield from ((f"[{index}]", item) for index, item in enumerate(value))
    elif isinstance(value, (set, frozenset)):
        yield "", len(value)
        yield from (("{}", text) for text in sorted(repr(v) for v in value if _is_plain(v)))
    elif type(value) in pytree.SUPPORTED_NODES:
        items, _ = pytree.tree_flatten(value)
        yield from ((f"<{index}>", item) for index, item in enumerate(items))
    elif depth > _DEPTH - _OBJECT_DEPTH:
        for name, item in getattr(value, "__dict__", {}).items():
            yield f".{name}", item
        for name in _slots(value):
            if hasattr(value, name):
                yield f".{name}", getattr(value, name)


def _is_plain(value: Any) -> bool:
    return isinstance(value, _PLAIN)


def _slots(value: Any) -> Iterator[str]:
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        yield from (slots,) if isinstance(slots, str) else slots


def _as_tensor(value: Any) -> torch.Tensor | str | None:
    """An array or a number of numpy's as a tensor, or as text if torch has no such type."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(value, (numpy.ndarray, numpy.generic)):
        return None
    try:
        return torch.from_numpy(numpy.asarray(value))
    except (TypeError, ValueError):
        return repr(value.tolist())


def _parts(tensor: torch.Tensor, path: str) -> Iterator[Leaf]:
    """A tensor as dense tensors: what a sparse, nested or quantized one consists of."""
    if torch.nn.parameter.is_lazy(tensor):
        yield path, "uninitialized"
    elif tensor.layout == torch.sparse_coo:
        plain = tensor.coalesce() if not tensor.is_coalesced() else tensor
        yield f"{path}.indices()", plain.indices()
        yield f"{path}.values()", plain.values()
    elif tensor.layout in (torch.sparse_csr, torch.sparse_bsr):
        yield f"{path}.crow_indices()", tensor.crow_indices()
        yield f"{path}.col_indices()", tensor.col_indices()
        yield f"{path}.values()", tensor.values()
    elif tensor.layout in (torch.sparse_csc, torch.sparse_bsc):
        yield f"{path}.ccol_indices()", tensor.ccol_indices()
        yield f"{path}.row_indices()", tensor.row_indices()
        yield f"{path}.values()", tensor.values()
    elif tensor.is_nested:
        for index, part in enumerate(tensor.unbind()):
            yield f"{path}[{index}]", part
    elif tensor.is_quantized:
        yield f"{path}.int_repr()", tensor.int_repr()
        yield f"{path}.qscheme()", str(tensor.qscheme())
    else:
        yield path, tensor


def raw(tensor: torch.Tensor) -> torch.Tensor:
    """The bytes of a dense tensor: shape (n,), uint8, on the CPU; none on the meta device."""
    plain = tensor.detach()
    if plain.is_meta:
        return torch.empty(0, dtype=torch.uint8)
    plain = plain.resolve_conj().resolve_neg().contiguous().cpu()
    return plain.reshape(-1).view(torch.uint8) if plain.numel() else plain.new_empty(0).byte()


def content(tensor: torch.Tensor) -> bytes:
    """The bytes of a dense tensor as Python bytes (numpy need not be installed)."""
    data = raw(tensor)
    return ctypes.string_at(data.data_ptr(), data.numel()) if data.numel() else b""


def difference(one: Any, other: Any, path: str = "out") -> Difference | None:
    """The first difference between two values, None if every bit is the same."""
    return leaf_difference(list(leaves(one, path)), list(leaves(other, path)))


def kept(value: Any, path: str = "out") -> list[Leaf]:
    """The leaves of a value, copied and detached, for `leaf_difference`."""
    return [
        (where, leaf.detach().clone() if isinstance(leaf, torch.Tensor) else leaf)
        for where, leaf in leaves(value, path)
    ]


def leaf_difference(mine: list[Leaf], theirs: list[Leaf]) -> Difference | None:
    """The first difference between the leaves of two values."""
    payload: Difference | None = None
    for (where, a), (there, b) in zip(mine, theirs, strict=False):
        if where != there:
            return Difference(where, "structure")
        kind = _kind_of_difference(a, b)
        if kind == "payload":
            payload = payload or Difference(where, kind)
        elif kind is not None:
            return Difference(where, kind)
    if len(mine) != len(theirs):
        extra = mine[len(theirs) :] or theirs[len(mine) :]
        return Difference(extra[0][0], "structure")
    return payload


def _kind_of_difference(a: Any, b: Any) -> DifferenceKind | None:
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        if a.dtype != b.dtype:
            return "type"
        if a.shape != b.shape:
            return "shape"
        if torch.equal(raw(a), raw(b)):
            return None
        same = torch.equal(*(torch.nan_to_num(t.detach().resolve_conj()) for t in (a, b)))
        nans = torch.equal(torch.isnan(a), torch.isnan(b))
        return "payload" if same and nans else "bits"
    if type(a) is not type(b):
        return "type"
    if isinstance(a, _PLAIN):
        both_nan = isinstance(a, float) and a != a and b != b
        return None if a == b or both_nan else "bits"
    return None  # functions and the like: no bits to compare


def digest(value: Any) -> bytes:
    """A hash of every bit of a value."""
    state = hashlib.blake2b(digest_size=16)
    for path, leaf in leaves(value):
        state.update(path.encode())
        if isinstance(leaf, torch.Tensor):
            state.update(f"{leaf.dtype}{tuple(leaf.shape)}".encode())
            state.update(content(leaf))
        elif isinstance(leaf, _PLAIN):
            state.update(repr(leaf).encode())
    return state.digest()


def clone(value: Any, memo: dict[int, Any] | None = None) -> Any:
    """A copy that shares no tensor with the value; what cannot be copied is shared.

    Tensors that the caller wants gradients for stay leaves that require them.
    """
    if isinstance(value, torch.Tensor):
        if torch.nn.parameter.is_lazy(value):
            kind: Any = type(value)
            return kind(device=value.device, dtype=value.dtype)
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, _PLAIN):
        return value
    memo = {} if memo is None else memo
    if id(value) in memo:
        return memo[id(value)]
    if type(value) is list:
        copied: Any = []
        memo[id(value)] = copied
        copied.extend(clone(item, memo) for item in value)
        return copied
    if type(value) is dict:
        copied = memo[id(value)] = {}
        copied.update((key, clone(item, memo)) for key, item in value.items())
        return copied
    if type(value) is tuple:
        return tuple(clone(item, memo) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _rebuilt(value, lambda item: clone(item, memo))
    try:
        return copy.deepcopy(value)
    except Exception:  # whatever a foreign __deepcopy__ may raise
        return value


def _rebuilt(value: Any, change: Callable[[Any], Any]) -> Any:
    """A dataclass with its fields changed, made without running its constructor."""
    copied = copy.copy(value)
    for entry in dataclasses.fields(value):
        object.__setattr__(copied, entry.name, change(getattr(value, entry.name, None)))
    return copied


def to_device(value: Any, device: str) -> Any:
    """A value with its tensors on a device; containers other than the usual ones keep theirs."""
    if isinstance(value, torch.Tensor):
        return value.to(device)
    if type(value) in (list, tuple):
        return type(value)(to_device(item, device) for item in value)
    if type(value) is dict:
        return {key: to_device(item, device) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _rebuilt(value, lambda item: to_device(item, device))
    return value.to(device) if hasattr(value, "to") else value
