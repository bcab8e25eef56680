import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.n = 0

    p = property(lambda self: 0.5 if self.n < 1 else 0.1)

    def forward(self, x):
        y = F.dropout(x, self.p)
        self.n += 1
        return y
