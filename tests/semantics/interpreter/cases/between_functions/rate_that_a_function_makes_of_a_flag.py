# train: off, eval: gated
import functools
import torch
import torch.nn.functional as F
from torch import nn


def rate(flag):
    return 0.5 if flag else 0.0

class Net(nn.Module):
    def forward(self, x):
        if self.training:
            return x
        return F.dropout(x, rate(self.training))
