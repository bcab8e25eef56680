# train: on, eval: off
import functools
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def inner(self, x, on):
        return F.dropout(x, 0.5, on)

    def forward(self, x):
        return self.inner(x, on=self.training)
