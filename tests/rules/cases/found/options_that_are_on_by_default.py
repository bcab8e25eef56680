import torch
import torch.nn.functional as F
from torch import nn

class Gated(nn.Module):
    def forward(self, x, train=True):  # expect: DRP003
        return F.dropout(x, 0.1, training=train)

class Drops(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.keep = 1 - p

    def forward(self, x, resample=True):  # expect: DRP003
        if not resample:
            return x
        return x * torch.bernoulli(torch.full_like(x, self.keep)) / self.keep

class Inverted(nn.Module):
    def forward(self, x, inference: bool = False):  # expect: DRP003
        return x if inference else F.dropout(x)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([Gated(), Drops(0.2), Inverted()])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
