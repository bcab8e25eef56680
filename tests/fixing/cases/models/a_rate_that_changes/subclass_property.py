import torch
import torch.nn.functional as F
from torch import nn


class Base(nn.Module):
    p = 0.5

    def __init__(self):
        super().__init__()
        self.n = 0

    def forward(self, x):
        return F.dropout(x, self.p)


class Net(Base):
    @property
    def p(self):
        return 0.1
