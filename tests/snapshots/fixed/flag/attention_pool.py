"""Attention pooling head that calls `F.multi_head_attention_forward` with its own projections.

The functional form takes a `training` flag far down its parameter list, default on, and it is
left out: the attention weights are dropped in eval mode too, and the pooled vector is random
(DRP001). There is no module twin to put in its place; `training=self.training` is the fix.
"""

import torch
import torch.nn.functional as F
from torch import nn


class AttentionPool(nn.Module):
    def __init__(self, dim: int, num_heads: int, out_dim: int, dropout: float):
        super().__init__()
        self.dim = dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.query = nn.Parameter(torch.linspace(-1.0, 1.0, steps=dim).reshape(1, 1, dim))
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, out_dim)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        tokens = tokens.transpose(0, 1)
        query = self.query.expand(-1, tokens.size(1), -1)
        pooled, _ = F.multi_head_attention_forward(
            query,
            tokens,
            tokens,
            self.dim,
            self.num_heads,
            self.qkv.weight,
            self.qkv.bias,
            None,
            None,
            False,
            self.dropout,
            self.proj.weight,
            self.proj.bias,
            need_weights=False,
            training=self.training,
        )
        return pooled.squeeze(0)


class PatchEmbedder(nn.Module):
    def __init__(self, dim: int = 12, num_heads: int = 3, dropout: float = 0.4):
        super().__init__()
        self.patch = nn.Conv2d(3, dim, kernel_size=4, stride=4)
        self.norm = nn.LayerNorm(dim)
        self.pool = AttentionPool(dim, num_heads, dim, dropout)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        tokens = self.norm(self.patch(images).flatten(2).transpose(1, 2))
        return F.normalize(self.pool(tokens), dim=-1)


def example_inputs() -> tuple:
    generator = torch.Generator().manual_seed(0)
    return (torch.rand(2, 3, 12, 12, generator=generator),)


def build() -> nn.Module:
    return PatchEmbedder()
