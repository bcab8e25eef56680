import torch
import torch.nn.functional as F
from torch import nn


KEPT = {}


def make(p):
    KEPT[p] = nn.Dropout(p)
    return KEPT[p]


class Net(nn.Module):
    def forward(self, x):
        x = make(0.5)(x)
        return KEPT[0.5](x)
