import torch
import torch.nn.functional as F
from torch import nn


def build(nn):
    class Net(torch.nn.Module):
        def forward(self, x):
            return F.dropout(x, 0.5)

    return Net


def make():
    return build(None)()
