"""Two-branch recommender that keeps its dropout modules in plain Python containers.

A module in a list, tuple or dict attribute is not registered: `model.eval()` never reaches it and
it drops on in train mode (DRP006). Four containers show it: a list built by a comprehension, a
dict, a tuple, and an empty list that is filled by `append`. The plain list of activations is
harmless, because an activation behaves the same in both modes, and the `nn.ModuleList` is right.
"""

from itertools import pairwise

import torch
from torch import nn


class Tower(nn.Module):
    def __init__(self, widths: list[int], p: float) -> None:
        super().__init__()
        pairs = list(pairwise(widths))
        self.linears = nn.ModuleList([nn.Linear(i, o) for i, o in pairs])
        self.activations = [nn.ReLU(), nn.Tanh()]
        self.drops = nn.ModuleList([nn.Dropout(p) for _ in pairs])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for index, linear in enumerate(self.linears):
            x = self.drops[index](self.activations[index](linear(x)))
        return x


class TwoTowerRecommender(nn.Module):
    def __init__(self, users: int, items: int, dim: int = 8, p: float = 0.3) -> None:
        super().__init__()
        self.user_embedding = nn.Embedding(users, dim)
        self.item_embedding = nn.Embedding(items, dim)
        self.input_drop = nn.ModuleDict({
            "user": nn.Dropout(p),
            "item": nn.Dropout(p),
        })
        self.user_tower = Tower([dim, 16, dim], p)
        self.item_tower = Tower([dim, 16, dim], p)
        self.joint_drop = nn.ModuleList((nn.Dropout(p), nn.AlphaDropout(p)))
        self.head_layers = nn.ModuleList()
        self.head_drops = nn.ModuleList()
        for width in (16, 8):
            self.head_layers.append(nn.Linear(2 * dim if width == 16 else 16, width))
            self.head_drops.append(nn.Dropout(p))
        self.score = nn.Linear(8, 1)

    def forward(self, user: torch.Tensor, item: torch.Tensor) -> torch.Tensor:
        u = self.user_tower(self.input_drop["user"](self.user_embedding(user)))
        i = self.item_tower(self.input_drop["item"](self.item_embedding(item)))
        x = torch.cat([self.joint_drop[0](u), self.joint_drop[1](i)], dim=-1)
        for layer, drop in zip(self.head_layers, self.head_drops, strict=True):
            x = drop(layer(x).relu())
        return self.score(x).squeeze(-1)


def example_inputs() -> tuple:
    return torch.arange(6) % 5, torch.arange(6) % 7


def build() -> nn.Module:
    return TwoTowerRecommender(users=5, items=7)
