"""Fine-tuning wrapper whose classes override `train` and `eval` and get it wrong (DRP007).

How it shows when run: `FineTuner.train` keeps the frozen norm in eval mode, but forgets to return
self, so `model.eval()` and `model.train()` return None and `model = build().eval()` loses the
model. `Backbone` overrides both methods to switch its encoder only; nothing sets the mode of the
module itself nor of its `drop`, so `training` stays True and the features are random in eval
mode. The output is therefore random, because of `Backbone.train` (the parent calls
`child.train(False)`); `Backbone.eval` fails in the same way when it is called directly.
"""

import torch
from torch import nn


class Backbone(nn.Module):
    def __init__(self, in_features: int, width: int, p: float):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(in_features, width), nn.ReLU(), nn.Dropout(p), nn.Linear(width, width)
        )
        self.drop = nn.Dropout(p)

    def train(self, mode: bool = True) -> "Backbone":
        self.encoder.train(mode)
        return self

    def eval(self) -> "Backbone":
        self.encoder.eval()
        return self

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.drop(self.encoder(x))


class FineTuner(nn.Module):
    def __init__(self, in_features: int = 6, width: int = 12, classes: int = 3, p: float = 0.4):
        super().__init__()
        self.norm = nn.BatchNorm1d(in_features)
        self.backbone = Backbone(in_features, width, p)
        self.drop = nn.Dropout(p)
        self.head = nn.Linear(width, classes)

    def train(self, mode: bool = True):
        super().train(mode)
        self.norm.eval()
        return self

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.drop(self.backbone(self.norm(x))))


def example_inputs() -> tuple:
    return (torch.linspace(-2.0, 2.0, steps=4 * 6).reshape(4, 6),)


def build() -> nn.Module:
    return FineTuner()
