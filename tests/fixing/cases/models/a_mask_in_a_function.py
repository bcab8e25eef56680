import torch
from torch import nn


def drop_rows(x, p, training=True):
    if p == 0.0 or not training:
        return x
    keep = 1 - p
    mask = keep + torch.rand(x.shape[0], 1)
    mask.floor_()
    return x.div(keep) * mask

class Net(nn.Module):
    def forward(self, x):
        return drop_rows(x, 0.5)
