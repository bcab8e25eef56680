# train: on, eval: off
import functools
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def inner(self, x, p):
        return F.dropout(x, p)

    def outer(self, x, p):
        return self.inner(x, p)

    def forward(self, x):
        return self.outer(x, self.p if self.training else 0.0)
