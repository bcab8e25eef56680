import torch
import torch.nn.functional as F
from torch import nn


def drop(x, p):
    x = F.dropout(x, p)
    return F.dropout(x, 0.2)


class Net(nn.Module):
    def forward(self, x):
        return drop(x, 0.5)
