# train: on, eval: on
import functools
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def drop(self, x, p=0.5):
        return F.dropout(x, p)

    def forward(self, x):
        return self.drop(x)
