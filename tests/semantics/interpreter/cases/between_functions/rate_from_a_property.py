# train: on, eval: off
import functools
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    @property
    def rate(self):
        return self.p if self.training else 0.0

    def forward(self, x):
        return F.dropout(x, self.rate)
