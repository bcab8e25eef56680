import torch
from torch import nn


def drop_rows(x, p, training=True):
    if p == 0.0 or not training:
        return x
    return x * (torch.rand(x.shape[0], 1) > p)

class Net(nn.Module):
    def forward(self, x):
        h = drop_rows(x, 0.5)
        h += 1
        return h
