"""Tagger whose parts set modes of their own while they run (DRP018).

How it shows when run: `TokenDropper.forward` puts its dropout into train mode, so that `eval()` has
no effect on it. `Scorer.forward` calls `self.train()`, and so undoes what the caller has set: both
draw in eval mode. `Reader` saves the mode and gives it back, and its twin of a dropout is quiet.
"""

import torch
from torch import nn


class TokenDropper(nn.Module):
    def __init__(self, p: float) -> None:
        super().__init__()
        self.drop = nn.Dropout(p)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        self.drop.train(self.training)
        return self.drop(tokens)


class Scorer(nn.Module):
    def __init__(self, width: int, classes: int, p: float) -> None:
        super().__init__()
        self.drop = nn.Dropout(p)
        self.out = nn.Linear(width, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.drop(x))


class Reader(nn.Module):
    def __init__(self, width: int, p: float) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(width, width), nn.Dropout(p))

    def describe(self, x: torch.Tensor) -> torch.Tensor:
        was_training = self.training
        self.eval()
        x = self.inner(x)
        self.train(was_training)
        return x

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x) + self.describe(x).detach()


class Tagger(nn.Module):
    def __init__(self, width: int = 8, classes: int = 3, p: float = 0.4) -> None:
        super().__init__()
        self.tokens = TokenDropper(p)
        self.reader = Reader(width, p)
        self.scorer = Scorer(width, classes, p)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.scorer(self.reader(self.tokens(x)))


def example_inputs() -> tuple:
    return (torch.linspace(-1.0, 1.0, steps=5 * 8).reshape(5, 8),)


def build() -> nn.Module:
    return Tagger()
