import torch
import torch.nn.functional as F
from torch import nn


def drop(x, p=0.5):
    return F.dropout(x, p)


def outer(x):
    return [drop(y) for y in (x, 2 * x)][1]


class Net(nn.Module):
    def forward(self, x):
        return outer(x)
