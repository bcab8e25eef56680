import torch
import torch.nn.functional as F
from torch import nn


def drop(x, training=True, /, *rest):
    return F.dropout(x, 0.5, training)


class Net(nn.Module):
    def forward(self, x):
        return drop(x)
