import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        y = x + 1
        for p in (0.25, 0.5):
            y = nn.Dropout((y := x) is None or p)(y)
        return y
