# train: on, eval: off
import functools
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def active(self):
        return self.training and self.p > 0

    def forward(self, x):
        return F.dropout(x, 0.5, self.active())
