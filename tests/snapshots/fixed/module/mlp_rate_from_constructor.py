"""Feed-forward regressor for tabular rows whose drop rates come from the constructor.

The rates are kept as plain floats (`self.p`, and `self.in_p` from a parameter with a default) and
handed to `F.dropout` in `forward` without the mode, so predictions stay random in eval mode
(DRP001). One line holds two nested calls; the residual block passes its rate by keyword.
"""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F


class ResidualBlock(nn.Module):
    def __init__(self, width: int, p: float):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.linear = nn.Linear(width, width)
        self.p = p
        self.dropout = nn.Dropout(p=self.p)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = F.gelu(self.linear(self.norm(x)))
        return x + self.dropout(hidden)


class TabularMLP(nn.Module):
    def __init__(
        self,
        in_features: int,
        hidden: Sequence[int],
        p: float,
        in_p: float = 0.3,
    ):
        super().__init__()
        self.p = p
        self.in_p = in_p
        self.stem = nn.Linear(in_features, hidden[0])
        self.block = ResidualBlock(hidden[0], p)
        self.neck = nn.Linear(hidden[0], hidden[1])
        self.head = nn.Linear(hidden[1], 1)
        self.dropout = nn.Dropout(self.p)
        self.dropout2 = nn.Dropout(self.in_p)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.dropout(self.stem(self.dropout2(x)))
        x = F.relu(self.neck(self.block(x)))
        x = self.dropout(
            x,
        )
        return self.head(x).squeeze(-1)


def example_inputs() -> tuple:
    rows = torch.linspace(-1.0, 1.0, steps=4 * 6).reshape(4, 6)
    return (rows,)


def build() -> nn.Module:
    return TabularMLP(in_features=6, hidden=(16, 8), p=0.4)
