"""Speech encoder that drops inside free functions which know nothing of the mode.

The helpers at the top take tensors (and a rate), never a `training` flag, and call dropout
ungated. They are called from methods of modules, so the features are random in eval mode
(DRP002). The right fix threads the mode through the helper and its callers. `scale_by_length` is
a helper without dropout.
"""

import math

import torch
import torch.nn.functional as nnf
from torch import nn


def add_and_drop(residual: torch.Tensor, update: torch.Tensor, training: bool = True) -> torch.Tensor:
    return residual + nnf.dropout(update, p=0.3, training=training)


def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, training: bool = True) -> torch.Tensor:
    """Scaled dot-product attention with dropped weights, shapes (batch, time, dim)."""
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    weights = nn.functional.dropout(scores.softmax(dim=-1), 0.3, training=training)
    return weights @ value


def drop_channels(features: torch.Tensor, p: float, training: bool = True) -> torch.Tensor:
    swapped = features.transpose(1, 2)
    return nnf.dropout1d(swapped, p, training=training).transpose(1, 2)


def scale_by_length(features: torch.Tensor) -> torch.Tensor:
    return features / math.sqrt(features.size(1))


class AttentionLayer(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)
        self.norm = nn.LayerNorm(dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.norm(x)
        return add_and_drop(x, attend(self.query(y), self.key(y), self.value(y), training=self.training), training=self.training)


class SpeechEncoder(nn.Module):
    def __init__(self, n_mels: int = 6, dim: int = 12, spec_p: float = 0.4) -> None:
        super().__init__()
        self.spec_p = spec_p
        self.embed = nn.Linear(n_mels, dim)
        self.layers = nn.ModuleList([AttentionLayer(dim) for _ in range(2)])
        self.out = nn.Linear(dim, 4)

    def encode(self, mels: torch.Tensor) -> torch.Tensor:
        return scale_by_length(self.embed(drop_channels(mels, self.spec_p, training=self.training)))

    def forward(self, mels: torch.Tensor) -> torch.Tensor:
        x = self.encode(mels)
        for layer in self.layers:
            x = layer(x)
        return self.out(x)


def example_inputs() -> tuple:
    return (torch.linspace(-1.0, 1.0, steps=2 * 7 * 6).reshape(2, 7, 6),)


def build() -> nn.Module:
    return SpeechEncoder()
