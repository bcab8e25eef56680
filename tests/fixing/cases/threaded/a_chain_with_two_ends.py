import torch
import torch.nn.functional as F
from torch import nn


def drop(x):
    return F.dropout(x, 0.5)


def twice(x):
    return drop(drop(x)) + nn.Dropout(0.1)(x)


class Net(nn.Module):
    def forward(self, x):
        return twice(x) + drop(x=x)
