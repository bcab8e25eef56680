# train: on, eval: on
import functools
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def block(self, x):
        return F.dropout(x, 0.5)

    def forward(self, x):
        return torch.utils.checkpoint.checkpoint(self.block, x)
