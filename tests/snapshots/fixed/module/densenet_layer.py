"""Densely connected convolution block whose layers are `nn.Sequential` subclasses.

Each layer runs its own children in order and then drops the new feature maps in `forward` with
`F.dropout`, mode left out (DRP001). Because the children of a Sequential *are* its forward pass,
a registered dropout module would run twice: passing `training=self.training` is the only right
fix.
"""

from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional as F


class DenseLayer(nn.Sequential):
    def __init__(self, in_channels: int, growth: int, bottleneck: int, drop_rate: float) -> None:
        super().__init__()
        width = bottleneck * growth
        self.add_module("norm1", nn.BatchNorm2d(in_channels))
        self.add_module("relu1", nn.ReLU())
        self.add_module("conv1", nn.Conv2d(in_channels, width, kernel_size=1, bias=False))
        self.add_module("norm2", nn.BatchNorm2d(width))
        self.add_module("relu2", nn.ReLU())
        self.add_module("conv2", nn.Conv2d(width, growth, kernel_size=3, padding=1, bias=False))
        self.drop_rate = drop_rate

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        new_features = super().forward(x)
        if self.drop_rate > 0:
            new_features = F.dropout(new_features, p=self.drop_rate, training=self.training)
        return torch.cat([x, new_features], dim=1)


class Transition(nn.Sequential):
    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(
            OrderedDict(
                norm=nn.BatchNorm2d(in_channels),
                relu=nn.ReLU(),
                conv=nn.Conv2d(in_channels, out_channels, kernel_size=1, bias=False),
            )
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.avg_pool2d(F.dropout2d(super().forward(x), 0.3, training=self.training), 2)


class DenseNet(nn.Module):
    def __init__(self, layers: int = 2, growth: int = 4, drop_rate: float = 0.4) -> None:
        super().__init__()
        channels = 2 * growth
        self.stem = nn.Conv2d(3, channels, kernel_size=3, padding=1)
        self.block = nn.Sequential(
            *(DenseLayer(channels + i * growth, growth, 2, drop_rate) for i in range(layers))
        )
        channels += layers * growth
        self.transition = Transition(channels, channels // 2)
        self.classifier = nn.Linear(channels // 2, 5)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        features = self.transition(self.block(self.stem(images)))
        return self.classifier(features.mean(dim=(2, 3)))


def example_inputs() -> tuple:
    generator = torch.Generator().manual_seed(0)
    return (torch.rand(2, 3, 8, 8, generator=generator),)


def build() -> nn.Module:
    return DenseNet()
