"""TabNet-like classifier: sequential attention over the columns of a table.

Every decision step picks columns with a soft mask and transforms them with gated linear units.
The name `dropout` is imported from `torch.nn.functional` and called bare, without the mode, in
the mask and in the gated blocks, so both the logits and the mask are random in eval mode
(DRP001).
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import glu


class GatedBlock(nn.Module):
    def __init__(self, in_dim: int, out_dim: int, p: float) -> None:
        super().__init__()
        self.fc = nn.Linear(in_dim, 2 * out_dim, bias=False)
        self.bn = nn.BatchNorm1d(2 * out_dim)
        self.p = p
        self.dropout = nn.Dropout(self.p)

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(glu(self.bn(self.fc(x)), dim=-1))


class AttentiveTransformer(nn.Module):
    def __init__(self, in_dim: int, columns: int, p: float) -> None:
        super().__init__()
        self.fc = nn.Linear(in_dim, columns, bias=False)
        self.bn = nn.BatchNorm1d(columns)
        self.p = p
        self.dropout = nn.Dropout(p=self.p)

    def forward(self, prior: Tensor, attended: Tensor) -> Tensor:
        scores = self.bn(self.fc(attended)) * prior
        return self.dropout(scores.softmax(dim=-1))


class TabNet(nn.Module):
    def __init__(
        self, columns: int, classes: int, steps: int = 2, dim: int = 8, gamma: float = 1.3
    ) -> None:
        super().__init__()
        self.gamma = gamma
        self.norm = nn.BatchNorm1d(columns)
        self.first = GatedBlock(columns, dim, p=0.3)
        self.attention = nn.ModuleList(
            AttentiveTransformer(dim, columns, p=0.3) for _ in range(steps)
        )
        self.transform = nn.ModuleList(GatedBlock(columns, dim, p=0.3) for _ in range(steps))
        self.head = nn.Linear(dim, classes)

    def forward(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        x = self.norm(rows)
        prior = torch.ones_like(x)
        importance = torch.zeros_like(x)
        decision = torch.zeros(x.size(0), self.head.in_features)
        attended = self.first(x)
        for attention, transform in zip(self.attention, self.transform, strict=True):
            mask = attention(prior, attended)
            prior = prior * (self.gamma - mask)
            importance = importance + mask
            attended = transform(mask * x)
            decision = decision + attended.relu()
        return self.head(decision), importance


def example_inputs() -> tuple:
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(6, 5, generator=generator),)


def build() -> nn.Module:
    return TabNet(columns=5, classes=3)
