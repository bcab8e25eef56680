import torch
import torch.nn.functional as F
from torch import nn


def drop(x, training=True):
    h = F.dropout(x, 0.5, training)
    h += 1
    return h


class Net(nn.Module):
    def forward(self, x):
        return drop(x) + x
