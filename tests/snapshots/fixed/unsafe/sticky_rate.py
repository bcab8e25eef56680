"""Encoder layer that switches dropout off in eval mode by overwriting its own rates.

How it shows when run: eval mode is deterministic, as wanted. But `self.dropout_p = 0.0` and
`self.p = 0.0` outlive the call: after one validation pass the model goes back to `train()` and
drops nothing any more, so the next train forward is deterministic, for the rest of the run
(DRP009). The rate belongs into a local variable.
"""

import torch
import torch.nn.functional as F
from torch import nn


class CoreAttention(nn.Module):
    def __init__(self, dim: int, num_heads: int, dropout_p: float) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.dropout_p = dropout_p
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = self.qkv(x).unflatten(-1, (3, self.num_heads, -1)).permute(2, 0, 3, 1, 4)
        dropout_p = self.dropout_p
        if not self.training:
            dropout_p = 0.0
        context = F.scaled_dot_product_attention(q, k, v, dropout_p=dropout_p)
        return self.proj(context.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    def __init__(self, dim: int, hidden: int, p: float) -> None:
        super().__init__()
        self.up = nn.Linear(dim, hidden)
        self.down = nn.Linear(hidden, dim)
        self.p = p

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = F.gelu(self.up(x))
        if self.training:
            hidden = F.dropout(hidden, self.p)
        return self.down(hidden)


class EncoderLayer(nn.Module):
    def __init__(self, dim: int = 16, num_heads: int = 4, p: float = 0.4) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.norm2 = nn.LayerNorm(dim)
        self.attention = CoreAttention(dim, num_heads, p)
        self.ffn = FeedForward(dim, 2 * dim, p)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.ffn(self.norm2(x))


def example_inputs() -> tuple:
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 5, 16, generator=generator),)


def build() -> nn.Module:
    return EncoderLayer()
