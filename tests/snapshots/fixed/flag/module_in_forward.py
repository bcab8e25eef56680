"""Volumetric classifier that builds dropout modules inside its methods.

A module that is built in `forward` is new, hence in train mode, and `eval()` cannot know of it:
the scores are random in eval mode (DRP005). Shown as an immediate call, as a local variable that
is applied twice, and in a helper method; the module built in `__init__` is right.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn import Dropout


class ScanClassifier(nn.Module):
    def __init__(self, channels: int = 8, classes: int = 2, p: float = 0.4):
        super().__init__()
        self.p = p
        self.conv1 = nn.Conv3d(1, channels, kernel_size=3, padding=1)
        self.conv2 = nn.Conv3d(channels, channels, kernel_size=3, padding=1)
        self.pool = nn.AvgPool3d(2)
        self.fc1 = nn.Linear(channels * 8, 16)
        self.fc2 = nn.Linear(16, 16)
        self.head_drop = nn.Dropout(p)
        self.head = nn.Linear(16, classes)

    def volume_features(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(self.conv1(x).relu())
        x = F.dropout3d(x, 0.3, training=self.training)
        return self.pool(self.conv2(x).relu()).flatten(1)

    def forward(self, scan: torch.Tensor) -> torch.Tensor:
        x = self.volume_features(scan)
        drop = nn.Dropout(self.p).train(self.training)
        x = drop(self.fc1(x).relu())
        x = drop(self.fc2(x).relu())
        x = F.dropout(x, p=self.p, training=self.training)
        return self.head(self.head_drop(x))


def example_inputs() -> tuple:
    generator = torch.Generator().manual_seed(0)
    return (torch.rand(2, 1, 8, 8, 8, generator=generator),)


def build() -> nn.Module:
    return ScanClassifier()
