"""Residual network for sensor data that goes on working in place on the result of dropout.

The calls leave out the mode, so the output is random in eval mode (DRP001). The usual rewrite is
not safe here: with dropout off, `F.dropout` and `nn.Dropout` return their very input, so the
later `h += …` would change `x` itself, which is read again below, and even the tensor of the
caller. Only a fix that also takes the in-place step out is right.
"""

import torch
from torch import nn


class GatedResidual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.update = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        gate = self.gate(x).sigmoid()
        h = self.dropout(x)
        h += torch.tanh(self.update(x))
        return gate * h + (1 - gate) * x


class SensorNet(nn.Module):
    def __init__(self, sensors: int = 6, width: int = 12, outputs: int = 2) -> None:
        super().__init__()
        self.calibrate = nn.Linear(sensors, sensors)
        self.embed = nn.Linear(2 * sensors, width)
        self.block1 = GatedResidual(width)
        self.block2 = GatedResidual(width)
        self.out = nn.Linear(width, outputs)
        self.dropout = nn.Dropout(p=0.3)

    def forward(self, readings: torch.Tensor) -> torch.Tensor:
        noisy = self.dropout(readings)
        noisy.add_(self.calibrate(readings).tanh())
        x = self.embed(torch.cat([noisy, readings], dim=-1))
        return self.out(self.block2(self.block1(x)))


def example_inputs() -> tuple:
    return (torch.linspace(0.5, 2.5, steps=4 * 6).reshape(4, 6),)


def build() -> nn.Module:
    return SensorNet()
