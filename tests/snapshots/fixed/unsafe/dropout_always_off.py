"""Self-normalising network whose dropout is off in train mode as well.

`F.alpha_dropout`, `F.feature_alpha_dropout` and `F.rrelu` are off unless they are told the mode,
unlike `F.dropout`; and somebody left `training=False` behind (DRP015). The twins beside them pass
`self.training`.
"""

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, dim: int, p: float) -> None:
        super().__init__()
        self.p = p
        self.fc1 = nn.Linear(dim, dim)
        self.fc2 = nn.Linear(dim, dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.alpha_dropout(F.selu(self.fc1(x)), self.p, training=self.training)
        return F.alpha_dropout(F.selu(self.fc2(x)), self.p, training=self.training)


class Classifier(nn.Module):
    def __init__(self, width: int = 6, dim: int = 8, p: float = 0.4) -> None:
        super().__init__()
        self.p = p
        self.stem = nn.Linear(width, dim)
        self.block = Block(dim, p)
        self.out = nn.Linear(dim, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.block(F.selu(self.stem(x)))
        x = F.dropout(x, self.p, training=self.training)
        return self.out(F.dropout(x, self.p, training=self.training))


def example_inputs() -> tuple:
    return (torch.linspace(-1.0, 1.0, steps=4 * 6).reshape(4, 6),)


def build() -> nn.Module:
    return Classifier()
