# train: on, eval: off
import functools
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        def act(x):
            return F.dropout(x, 0.5)
        self.act = act
    def forward(self, x):
        if not self.training:
            return x
        return self.act(x)
