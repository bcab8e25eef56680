import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if self.p:
            x = F.dropout(x, self.p)
        return x


def make():
    return Net(p=None)
