import torch
import torch.nn.functional as F
from torch import nn


def drop(x, p=0.5, training=True):
    return F.dropout(x, p, training)


class Net(nn.Module):
    def forward(self, x):
        return drop(x) + drop(x, 0.2)
