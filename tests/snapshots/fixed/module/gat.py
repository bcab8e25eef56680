"""Two-layer graph attention network, several heads, on a dense adjacency.

Features and attention coefficients are dropped with `F.dropout(…, self.dropout)`, where
`self.dropout` is the float rate: the mode is missing, so attention is random in eval mode
(DRP001). The attribute name that a dropout module would usually get is taken by the rate already.
"""

import torch
import torch.nn.functional as F
from torch import nn


class GraphAttentionLayer(nn.Module):
    """One attention head: scores every edge with a learnt vector and averages the neighbours."""

    def __init__(self, in_features: int, out_features: int, dropout: float, alpha: float = 0.2):
        super().__init__()
        self.dropout = dropout
        self.alpha = alpha
        self.weight = nn.Parameter(torch.empty(in_features, out_features))
        self.source = nn.Parameter(torch.empty(out_features, 1))
        self.target = nn.Parameter(torch.empty(out_features, 1))
        self.dropout_layer = nn.Dropout(self.dropout)
        for parameter in (self.weight, self.source, self.target):
            nn.init.xavier_uniform_(parameter, gain=1.4)

    def forward(self, x: torch.Tensor, adjacency: torch.Tensor) -> torch.Tensor:
        hidden = x @ self.weight
        scores = hidden @ self.source + (hidden @ self.target).T
        scores = F.leaky_relu(scores, self.alpha)
        scores = scores.masked_fill(adjacency == 0, float("-inf"))
        attention = self.dropout_layer(scores.softmax(dim=1))
        return attention @ hidden


class GAT(nn.Module):
    def __init__(self, in_features: int, hidden: int, classes: int, heads: int, dropout: float):
        super().__init__()
        self.dropout = dropout
        self.heads = nn.ModuleList(
            GraphAttentionLayer(in_features, hidden, dropout) for _ in range(heads)
        )
        self.out = GraphAttentionLayer(hidden * heads, classes, dropout)
        self.dropout_layer = nn.Dropout(self.dropout)

    def forward(self, x: torch.Tensor, adjacency: torch.Tensor) -> torch.Tensor:
        x = self.dropout_layer(x)
        x = torch.cat([F.elu(head(x, adjacency)) for head in self.heads], dim=1)
        x = self.dropout_layer(input=x)
        return F.log_softmax(self.out(x, adjacency), dim=1)


def example_inputs() -> tuple:
    x = torch.linspace(-1.0, 1.0, steps=5 * 4).reshape(5, 4)
    ring = torch.eye(5) + torch.eye(5).roll(1, dims=1) + torch.eye(5).roll(-1, dims=1)
    return x, ring


def build() -> nn.Module:
    return GAT(in_features=4, hidden=6, classes=3, heads=2, dropout=0.4)
