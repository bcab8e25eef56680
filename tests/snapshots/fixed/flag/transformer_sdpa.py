"""Transformer decoder block on `F.scaled_dot_product_attention`.

The fused attention has no mode argument: it drops with whatever `dropout_p` it is given. Here the
self-attention passes `self.dropout_p` and the cross-attention passes `self.attn_drop.p`, the rate
of a registered `nn.Dropout` that `eval()` switches off but whose `p` never changes (DRP004). The
`nn.Dropout` modules that are called follow the mode.
"""

import torch
import torch.nn as nn  # noqa: PLR0402, RUF100
import torch.nn.functional as F


class CausalSelfAttention(nn.Module):
    def __init__(self, dim: int, num_heads: int, dropout_p: float):
        super().__init__()
        self.num_heads = num_heads
        self.dropout_p = dropout_p
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, dim = x.shape
        q, k, v = self.qkv(x).reshape(batch, length, 3, self.num_heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(
            q, k, v, dropout_p=self.dropout_p if self.training else 0.0, is_causal=True
        )
        return self.proj(y.transpose(1, 2).reshape(batch, length, dim))


class CrossAttention(nn.Module):
    def __init__(self, dim: int, num_heads: int, attn_drop: float):
        super().__init__()
        self.num_heads = num_heads
        self.q = nn.Linear(dim, dim)
        self.kv = nn.Linear(dim, 2 * dim)
        self.attn_drop = nn.Dropout(attn_drop)

    def split(self, x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)

    def forward(
        self, x: torch.Tensor, memory: torch.Tensor, mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        q = self.split(self.q(x))
        k, v = (self.split(part) for part in self.kv(memory).chunk(2, dim=-1))
        y = F.scaled_dot_product_attention(q, k, v, mask, self.attn_drop.p if self.training else 0.0)
        return y.transpose(1, 2).flatten(2)


class DecoderBlock(nn.Module):
    def __init__(self, dim: int = 16, num_heads: int = 2, dropout: float = 0.4):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.self_attn = CausalSelfAttention(dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(dim)
        self.cross_attn = CrossAttention(dim, num_heads, dropout)
        self.norm3 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 32), nn.GELU(), nn.Linear(32, dim))
        self.resid_drop = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
        x = x + self.resid_drop(self.self_attn(self.norm1(x)))
        x = x + self.resid_drop(self.cross_attn(self.norm2(x), memory))
        return x + self.resid_drop(self.mlp(self.norm3(x)))


def example_inputs() -> tuple:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 6, 16, generator=generator)
    memory = torch.randn(2, 4, 16, generator=generator)
    return x, memory


def build() -> nn.Module:
    return DecoderBlock()
