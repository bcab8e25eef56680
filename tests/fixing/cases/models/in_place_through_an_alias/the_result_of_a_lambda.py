import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        drop = lambda z: F.dropout(z, 0.5)
        y = drop(x)
        y.view(-1).mul_(2)
        return x + y
