# train: on, eval: off
import functools
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def drop(self, x):
        return F.dropout(x, 0.5)

    def forward(self, x):
        return self.drop(x) if self.training else x
