import torch
import torch.nn.functional as F
from torch import nn


def _init(self):
    nn.Module.__init__(self)
    self.fc = nn.Linear(8, 8)


class Net(nn.Module):
    def forward(self, x):
        return self.fc(F.dropout(x, 0.5))

    __init__ = _init
