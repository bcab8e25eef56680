import torch
import torch.nn.functional as F
from torch import nn


def add_bias(t):
    t += 1
    return t


class Net(nn.Module):
    def forward(self, x):
        return add_bias(F.dropout(x, 0.5)) + x
