import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.k = 1

    def forward(self, x):
        return F.dropout(x, 0.5)


def make():
    m = Net()
    m.dropout = 0.3
    return m
