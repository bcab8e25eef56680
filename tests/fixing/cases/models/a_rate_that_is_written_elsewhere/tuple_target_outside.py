import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5

    def forward(self, x):
        return F.dropout(x, self.p)


def drive(m, x):
    m.p, n = 0.1, 3
    return m(x)
