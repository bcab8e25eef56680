import torch
import torch.nn.functional as F
from torch import nn


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.n = self(torch.zeros(1, 8)).shape[1]


class Net(Base):
    def __init__(self):
        super().__init__()
        self.k = 1

    def forward(self, x):
        return F.dropout(x, 0.5)
