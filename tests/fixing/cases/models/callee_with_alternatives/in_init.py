import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, drop=False):
        super().__init__()
        self.fn = F.dropout if drop else F.relu

    def forward(self, x):
        return self.fn(x)
