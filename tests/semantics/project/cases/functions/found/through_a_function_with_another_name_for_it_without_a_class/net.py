import torch.nn.functional as F
from torch import nn


def inner(x, on):
    if on:
        x = F.dropout(x, 0.2)
    return x


def outer(x, training):
    return inner(x, training)


class Net(nn.Module):
    def forward(self, x):
        return outer(x, True)  # expect: DRP003
