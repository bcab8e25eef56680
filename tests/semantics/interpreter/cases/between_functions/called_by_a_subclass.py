# train: on, eval: off
import functools
import torch
import torch.nn.functional as F
from torch import nn


class Base(nn.Module):
    def drop(self, x):
        return F.dropout(x, 0.5)


class Net(Base):
    def forward(self, x):
        if self.training:
            x = self.drop(x)
        return x
