"""Two-layer graph convolutional network for node classification on a dense adjacency.

The graph is an edge index; `normalise` turns it into the symmetric matrix D^-1/2 (A + I) D^-1/2.
Dropout on the node features and between the layers is written `F.dropout(x, p=0.5)` as in many
tutorials, so the class scores of a node are random in eval mode (DRP001).
"""

import torch
import torch.nn.functional as F
from torch import nn


def normalise(edge_index: torch.Tensor, num_nodes: int) -> torch.Tensor:
    adjacency = torch.eye(num_nodes)
    adjacency[edge_index[0], edge_index[1]] = 1.0
    adjacency[edge_index[1], edge_index[0]] = 1.0
    scale = adjacency.sum(dim=1).rsqrt()
    return scale[:, None] * adjacency * scale[None, :]


class GraphConvolution(nn.Module):
    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_channels, out_channels))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        nn.init.xavier_uniform_(self.weight)

    def forward(self, x: torch.Tensor, adjacency: torch.Tensor) -> torch.Tensor:
        return adjacency @ (x @ self.weight) + self.bias


class GCN(nn.Module):
    def __init__(self, num_features: int, hidden_channels: int, num_classes: int) -> None:
        super().__init__()
        self.conv1 = GraphConvolution(num_features, hidden_channels)
        self.conv2 = GraphConvolution(hidden_channels, num_classes)
        self.dropout = nn.Dropout(p=0.5)

    def forward(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
        adjacency = normalise(edge_index, x.size(0))
        x = self.dropout(x)
        x = self.conv1(x, adjacency).relu()
        x = self.dropout(x)
        x = self.conv2(x, adjacency)
        return F.log_softmax(x, dim=-1)


def example_inputs() -> tuple:
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(6, 5, generator=generator)
    edge_index = torch.tensor([[0, 1, 2, 3, 4, 0], [1, 2, 3, 4, 5, 5]])
    return x, edge_index


def build() -> nn.Module:
    return GCN(num_features=5, hidden_channels=16, num_classes=3)
