import torch
import torch.nn.functional as F
from torch import nn


def drop(x, training=True):
    return F.dropout(x, 0.5, training)


def add(x, training=True):
    h = drop(x, training=training)
    h += 1
    return h


class Net(nn.Module):
    def forward(self, x):
        return add(x) + x
