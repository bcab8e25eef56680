"""Vision transformer blocks whose stochastic depth is written by hand, as everybody copies it.

`drop_path` is a free function that draws its own mask; its mode defaults to True. `Residual` leaves
the mode out (DRP001), `Told` writes True (DRP003), `drop_tokens` and `attend` have none (DRP002,
DRP003), and the option of `TokenMixer` is on unless somebody passes it (DRP003). All of it is
random in eval mode. `Follows` passes the mode on.
"""

import torch
from torch import nn


def drop_path(x: torch.Tensor, drop_prob: float = 0.0, training: bool = True) -> torch.Tensor:
    if drop_prob == 0.0 or not training:
        return x
    keep_prob = 1 - drop_prob
    shape = (x.shape[0],) + (1,) * (x.ndim - 1)
    mask = keep_prob + torch.rand(shape, dtype=x.dtype, device=x.device)
    mask.floor_()
    return x.div(keep_prob) * mask


def drop_tokens(x: torch.Tensor, rate: float) -> torch.Tensor:
    keep = torch.rand(x.size(0), x.size(1), 1, device=x.device) >= rate
    return x * keep


def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, p: float, training: bool = True) -> torch.Tensor:
    """The reference of PyTorch's documentation, with the line that drops."""
    weights = torch.softmax(query @ key.transpose(-2, -1) / query.size(-1) ** 0.5, dim=-1)
    return torch.dropout(weights, p, train=training) @ value


class Block(nn.Module):
    def __init__(self, dim: int, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.mlp = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, dim), nn.Tanh())


class Residual(Block):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + drop_path(self.mlp(x), self.rate, training=self.training)


class Told(Block):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + drop_path(self.mlp(x), self.rate, training=self.training)


class Follows(Block):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + drop_path(self.mlp(x), self.rate, self.training)


class TokenMixer(Block):
    def forward(self, x: torch.Tensor, resample: bool = True) -> torch.Tensor:
        x = attend(x, x, drop_tokens(x, self.rate), self.rate, training=self.training)
        if resample:
            keep = 1 - self.rate
            x = x * torch.bernoulli(torch.full_like(x, keep)) / keep
        return x


class Encoder(nn.Module):
    def __init__(self, dim: int = 8, rate: float = 0.4) -> None:
        super().__init__()
        kinds = (Residual, Told, Follows, TokenMixer)
        self.blocks = nn.ModuleList([kind(dim, rate) for kind in kinds])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return x


def example_inputs() -> tuple:
    return (torch.linspace(-1.0, 1.0, steps=4 * 6 * 8).reshape(4, 6, 8),)


def build() -> nn.Module:
    return Encoder()
