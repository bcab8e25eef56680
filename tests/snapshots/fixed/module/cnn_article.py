"""Small image classifier in the style of a blog article, functional dropout throughout.

Three convolution stages with channel dropout, then a two-layer head for 28x28 grey images. Every
`F.dropout` and `F.dropout2d` call leaves out the mode, whose default is on, so the
log-probabilities of the same image differ from call to call after `model.eval()` (DRP001).
"""

import torch
import torch.nn as nn  # noqa: PLR0402, RUF100
import torch.nn.functional as F


class DigitNet(nn.Module):
    def __init__(self, num_classes: int = 10):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, kernel_size=3)
        self.conv2 = nn.Conv2d(8, 16, kernel_size=3)
        self.conv3 = nn.Conv2d(16, 16, kernel_size=3, padding=1)
        self.fc1 = nn.Linear(16 * 5 * 5, 32)
        self.fc2 = nn.Linear(32, num_classes)
        self.dropout2d = nn.Dropout2d(0.3)
        self.dropout = nn.Dropout(0.4)
        self.dropout2 = nn.Dropout()

    def features(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.dropout2d(self.conv2(x)), 2))
        x = self.dropout2d(F.relu(self.conv3(x)))
        return x.flatten(start_dim=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.dropout(self.features(x))
        x = F.relu(self.fc1(x))
        x = self.dropout2(x)
        x = self.fc2(x)
        return F.log_softmax(x, dim=1)


def example_inputs() -> tuple:
    generator = torch.Generator().manual_seed(0)
    return (torch.rand(2, 1, 28, 28, generator=generator),)


def build() -> nn.Module:
    return DigitNet()
