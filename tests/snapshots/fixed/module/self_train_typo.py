"""Vision transformer layer that asks `self.train` where `self.training` is meant.

`self.train` is the bound method, and a method is true in both modes: `p if self.train else 0.0`
is always `p`. Attention keeps dropping in eval mode although the code looks gated (DRP011). One
form stands in the argument, one goes through a local variable.
"""

import torch
from torch import nn


class WindowAttention(nn.Module):
    def __init__(self, dim: int, heads: int, attn_p: float) -> None:
        super().__init__()
        self.heads = heads
        self.attn_p = attn_p
        self.to_qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = self.to_qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        out = nn.functional.scaled_dot_product_attention(
            q,
            k,
            v,
            dropout_p=self.attn_p if self.training else 0.0,
        )
        return self.proj(out.transpose(1, 2).flatten(2))


class PoolingAttention(nn.Module):
    """Sums up all tokens in one learnt query."""

    def __init__(self, dim: int, attn_p: float) -> None:
        super().__init__()
        self.attn_p = attn_p
        self.query = nn.Parameter(torch.ones(1, 1, dim) / dim)
        self.kv = nn.Linear(dim, 2 * dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        k, v = self.kv(x).chunk(2, dim=-1)
        q = self.query.expand(x.size(0), -1, -1)
        p = self.attn_p if self.training else 0.0
        return nn.functional.scaled_dot_product_attention(q, k, v, dropout_p=p).squeeze(1)


class TinyViT(nn.Module):
    def __init__(self, dim: int = 12, classes: int = 4, attn_p: float = 0.4) -> None:
        super().__init__()
        self.patch = nn.Conv2d(3, dim, kernel_size=4, stride=4)
        self.norm = nn.LayerNorm(dim)
        self.attn = WindowAttention(dim, heads=3, attn_p=attn_p)
        self.pool = PoolingAttention(dim, attn_p)
        self.head = nn.Linear(dim, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        tokens = self.patch(images).flatten(2).transpose(1, 2)
        tokens = tokens + self.attn(self.norm(tokens))
        return self.head(self.pool(tokens))


def example_inputs() -> tuple:
    generator = torch.Generator().manual_seed(0)
    return (torch.rand(2, 3, 12, 12, generator=generator),)


def build() -> nn.Module:
    return TinyViT()
