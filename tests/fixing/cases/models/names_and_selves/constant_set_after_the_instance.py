import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, P)


NET = Net()
P = 0.5


def make():
    return NET
