from .ops import drop_add


def block(x):
    return drop_add(x, x)  # expect: DRP002


import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, y=None):
        return block(x)
