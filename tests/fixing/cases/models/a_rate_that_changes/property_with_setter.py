import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.n = 0
        self.p = 0.8

    @property
    def p(self):
        return self._p / (1 + self.n)

    @p.setter
    def p(self, value):
        self._p = value

    def forward(self, x):
        y = F.dropout(x, self.p)
        self.n += 1
        return y
