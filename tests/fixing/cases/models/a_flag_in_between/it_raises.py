import torch
import torch.nn.functional as F
from torch import nn


def drop(x, training=True):
    if not training:
        raise ValueError("only for training")
    return F.dropout(x, 0.5)


class Net(nn.Module):
    def forward(self, x):
        return drop(x)
