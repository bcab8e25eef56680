import torch
import torch.nn.functional as F
from torch import nn


def drop(x, p=0.5, *, deterministic=False):
    return F.dropout(x, p, not deterministic)


class Net(nn.Module):
    def forward(self, x):
        return drop(x, 0.2) + drop(x)
