"""Outputs of every kind: each differs in one part, whose path is asserted, or in none."""

from __future__ import annotations

import dataclasses
import random
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import rnn
from torch.utils import _pytree as pytree

from zoo.kit import Expected, case

Drop = Expected("F.dropout", p=0.5)


@case("random", Drop, spread="out['a'][1]")
class Nested(nn.Module):
    def forward(self, x: Any) -> Any:
        return {"n": 3, "a": [x, F.dropout(x, 0.5)]}  # random: Nested


@dataclasses.dataclass
class Result:
    loss: Any
    logits: Any


@case("random", Drop, spread="out.logits")
class Dataclass(nn.Module):
    def forward(self, x: Any) -> Any:
        return Result(None, F.dropout(x, 0.5))  # random: Dataclass


class ModelOutput(OrderedDict[str, Any]):
    """As in transformers: a mapping with attributes."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


@case("random", Drop, spread="out['hidden'][1]")
class Mapping(nn.Module):
    def forward(self, x: Any) -> Any:
        return ModelOutput(logits=x, hidden=(x, F.dropout(x, 0.5)))  # random: Mapping


class Pair(NamedTuple):
    mean: Any
    scale: Any


@case("random", Drop, spread="out.scale")
class Named(nn.Module):
    def forward(self, x: Any) -> Any:
        return Pair(x, F.dropout(x, 0.5))  # random: Named


class Registered:
    def __init__(self, inner: Any) -> None:
        self._slots = {"x": inner}


pytree.register_pytree_node(
    Registered, lambda r: ([r._slots["x"]], None), lambda items, _: Registered(items[0])
)


@case("random", Drop, spread="out<0>")
class Pytree(nn.Module):
    def forward(self, x: Any) -> Any:
        return Registered(F.dropout(x, 0.5))  # random: Pytree


class Plain:
    def __init__(self, **entries: Any) -> None:
        self.__dict__.update(entries)


@case("random", Drop, spread="out.inner.y")
class PlainObject(nn.Module):
    def forward(self, x: Any) -> Any:
        inner = Plain(y=F.dropout(x, 0.5))  # random: PlainObject
        return Plain(name="x", inner=inner)


@case("random", Drop, spread="out.indices()")
class SparseCoo(nn.Module):
    def forward(self, x: Any) -> Any:
        return torch.relu(F.dropout(x, 0.5)).to_sparse()  # random: SparseCoo


@case("random", Drop, spread="out.crow_indices()")
class SparseCsr(nn.Module):
    def forward(self, x: Any) -> Any:
        return torch.relu(F.dropout(x, 0.5)).to_sparse_csr()  # random: SparseCsr


@case("random", Drop, spread="out")
class Complex(nn.Module):
    def forward(self, x: Any) -> Any:
        return torch.complex(x, F.dropout(x, 0.5))  # random: Complex


@case("random", Drop, spread="out")
class ConjugateView(nn.Module):
    def forward(self, x: Any) -> Any:
        return torch.complex(x, F.dropout(x, 0.5)).conj()  # random: ConjugateView


@case("random", Drop, spread="out")
class Bfloat16(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x.bfloat16(), 0.5)  # random: Bfloat16


@case("random", Drop, spread="out.int_repr()")
class Quantized(nn.Module):
    def forward(self, x: Any) -> Any:
        y = F.dropout(x, 0.5)  # random: Quantized
        return torch.quantize_per_tensor(y, 0.1, 0, torch.qint8)


@case("random", Drop, spread="out[1]")
class NestedTensor(nn.Module):
    def forward(self, x: Any) -> Any:
        y = F.dropout(x, 0.5)  # random: NestedTensor
        return torch.nested.as_nested_tensor([x[:2], y])


@case("random", Drop, spread="out[0]")
class Jagged(nn.Module):
    def forward(self, x: Any) -> Any:
        y = F.dropout(x, 0.5)  # random: Jagged
        return torch.nested.as_nested_tensor([y[:3], x], layout=torch.jagged)


@case("random", Drop, spread="out.data")
class PackedSequence(nn.Module):
    def forward(self, x: Any) -> Any:
        y = F.dropout(x, 0.5)  # random: PackedSequence
        return rnn.pack_sequence([y[:3], x[:2]])


@case("deterministic", unused=(dataclasses.replace(Drop, reaches=False),), spread=None)
class Nothing(nn.Module):
    def forward(self, x: Any) -> Any:
        F.dropout(x, 0.5)  # random: Nothing


@case("deterministic", spread=None)
class NotANumber(nn.Module):
    def forward(self, x: Any) -> Any:
        return torch.log(x), float("nan"), x / 0


@case("random", Drop, spread="out")
class NotANumberDropped(nn.Module):
    """NaN everywhere but in one entry, which moves."""

    def forward(self, x: Any) -> Any:
        y = torch.log(x.clamp(max=0.0))
        return torch.cat([y, F.dropout(x[:1], 0.5)])  # random: NotANumberDropped


@case("deterministic", unused=(Expected("torch.rand_like", "torch"),), spread=None)
class SignOfZero(nn.Module):
    """Only the sign of zeros follows the draw: the same numbers."""

    def forward(self, x: Any) -> Any:
        return torch.copysign(torch.zeros_like(x), torch.rand_like(x) - 0.5)  # random: SignOfZero


@case("random", Drop, spread="out")
class Scalar(nn.Module):
    def forward(self, x: Any) -> Any:
        return float(F.dropout(x + 2, 0.5).sum())  # random: Scalar


@case("random", Drop, spread="out")
class Classifier(nn.Module):
    """Shaped like class scores: the report says how many predictions change."""

    def forward(self, x: Any) -> Any:
        return F.dropout(x.abs() + 0.1, 0.5)  # random: Classifier


@case("deterministic", spread=None)
class Cyclic(nn.Module):
    def forward(self, x: Any) -> Any:
        out: dict[str, Any] = {"x": x}
        out["self"] = out
        return out


@case("random", Drop, spread="out")
class NumpyArray(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x, 0.5).numpy()  # random: NumpyArray


@case("random", Expected("np.random.rand", "numpy"), spread="out['b']")
class NumpyNumber(nn.Module):
    def forward(self, x: Any) -> Any:
        names = np.array(["x", "y"], dtype=object)
        return {"a": names, "b": np.float32(np.random.rand())}  # random: NumpyNumber


@case("random", Expected("random.random", "python"), spread="out{}")
class Set(nn.Module):
    def forward(self, x: Any) -> Any:
        return {1, random.random()}  # random: Set


class Slotted:
    __slots__ = ("inner",)


@case("random", Drop, spread="out.inner")
class Slots(nn.Module):
    def forward(self, x: Any) -> Any:
        out = Slotted()
        out.inner = F.dropout(x, 0.5)  # random: Slots
        return out


@case("random", dataclasses.replace(Drop, calls=2), spread="out[0]")
class Generator(nn.Module):
    """Draws after `forward` is done, when somebody asks for the parts."""

    def forward(self, x: Any) -> Any:
        for row in (x, x * 2):
            yield F.dropout(row, 0.5)  # random: Generator


@case("random", Expected("torch.randint", "torch"), spread="out")
class Integers(nn.Module):
    def forward(self, x: Any) -> Any:
        return torch.randint(0, 100, (5,))  # random: Integers


@case("random", Expected("torch.rand", "torch"), spread="out")
class Booleans(nn.Module):
    def forward(self, x: Any) -> Any:
        return torch.rand(16) > 0.5  # random: Booleans


@case("random", Expected("torch.multinomial", "torch"))
class VaryingShape(nn.Module):
    def forward(self, x: Any) -> Any:
        count = int(torch.multinomial(torch.ones(64), 1))  # random: VaryingShape
        return x.new_zeros(count)
