"""Which tensors a layer takes, by its type and its sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from dropout_lint.verify.targets.input_options import filled

BATCH, TIME = 2, 7
_SIDES = (32, 28, 64, 224, 16, 8, 128)


@dataclass(frozen=True)
class Guess:
    """A tensor that a layer takes: shape, dtype, and the bound of whole numbers."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    bound: int = 2

    def make(self) -> torch.Tensor:
        return filled(self.shape, self.dtype, self.bound)

    def __str__(self) -> str:
        return f"{self.dtype}[{', '.join(map(str, self.shape))}]"


def guesses_of(layer: nn.Module) -> tuple[Guess, ...]:
    """The tensors that a layer takes, the likeliest first; none for one without parameters."""
    for kind, make in _TAKES.items():
        if isinstance(layer, kind):
            return tuple(make(layer))
    return tuple(_by_weights(layer))


def _by_weights(layer: nn.Module) -> Iterator[Guess]:
    """The tensors that a layer of the user's takes, by the shapes of its parameters."""
    for weight in layer.parameters(recurse=False):
        if torch.nn.parameter.is_lazy(weight) or weight.dim() < 2:
            continue
        if weight.dim() == 2:
            for size in dict.fromkeys(weight.shape):
                yield from _vectors(size)[:2]
        elif weight.dim() <= 5:
            yield Guess((BATCH, weight.shape[1], *[_SIDES[0]] * (weight.dim() - 2)))


def _vectors(size: int) -> list[Guess]:
    return [Guess((BATCH, size)), Guess((BATCH, TIME, size)), Guess((BATCH, 3, 4, size))]


def _linear(layer: Any) -> list[Guess]:
    size = layer.in_features
    if not size:  # a lazy layer takes any
        return _vectors(8)
    guesses = _vectors(size)
    for channels in (1, 3):  # a flattened image
        side = round((size / channels) ** 0.5)
        if side > 1 and channels * side * side == size:
            guesses += [Guess((BATCH, channels, side, side))]
    return guesses


def _conv(dimensions: int) -> Callable[[Any], list[Guess]]:
    def guesses(layer: Any) -> list[Guess]:
        channels = layer.in_channels or 3
        sides = [min(side, 32) for side in _SIDES] if dimensions == 3 else _SIDES
        return [Guess((BATCH, channels, *[side] * dimensions)) for side in dict.fromkeys(sides)]

    return guesses


def _norm(*sides: int) -> Callable[[Any], list[Guess]]:
    def guesses(layer: Any) -> list[Guess]:
        channels = getattr(layer, "num_features", 0) or getattr(layer, "num_channels", 8)
        return [Guess((BATCH, channels, *sides[:n])) for n in range(len(sides), -1, -1)]

    return guesses


def _embedding(layer: Any) -> list[Guess]:
    bound = layer.num_embeddings
    return [Guess(shape, "int64", bound) for shape in ((BATCH, TIME), (BATCH,), (TIME,))]


def _recurrent(layer: Any) -> list[Guess]:
    return [Guess((BATCH, TIME, layer.input_size)), Guess((BATCH, layer.input_size))]


def _attention(layer: Any) -> list[Guess]:
    inner = getattr(layer, "self_attn", layer)
    return [Guess((BATCH, TIME, inner.embed_dim)), Guess((BATCH, inner.embed_dim))]


_TAKES: dict[type, Callable[[Any], list[Guess]]] = {
    nn.MultiheadAttention: _attention,
    nn.TransformerEncoderLayer: _attention,
    nn.TransformerDecoderLayer: _attention,
    nn.Embedding: _embedding,
    nn.EmbeddingBag: lambda layer: [Guess((BATCH, TIME), "int64", layer.num_embeddings)],
    nn.Linear: _linear,
    nn.Bilinear: lambda layer: [Guess((BATCH, layer.in1_features))],
    nn.Conv1d: _conv(1),
    nn.ConvTranspose1d: _conv(1),
    nn.Conv2d: _conv(2),
    nn.ConvTranspose2d: _conv(2),
    nn.Conv3d: _conv(3),
    nn.ConvTranspose3d: _conv(3),
    nn.RNNBase: _recurrent,
    nn.RNNCellBase: lambda layer: [Guess((BATCH, layer.input_size))],
    nn.LayerNorm: lambda layer: [
        Guess((BATCH, *lead, *layer.normalized_shape)) for lead in ((), (TIME,), (TIME, 3))
    ],
    nn.BatchNorm1d: _norm(8),
    nn.BatchNorm2d: _norm(16, 16),
    nn.BatchNorm3d: _norm(8, 8, 8),
    nn.GroupNorm: _norm(16, 16),
}
