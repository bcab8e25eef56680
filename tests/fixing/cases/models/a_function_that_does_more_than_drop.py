import torch
import torch.nn.functional as F
from torch import nn


def drop_rows(x, p, training=True):
    if not training:
        return x
    x = F.layer_norm(x, x.shape[-1:])  # in train mode only
    return x * (torch.rand(x.shape[0], 1) > p)

class Net(nn.Module):
    def forward(self, x):
        return drop_rows(x, 0.5)
