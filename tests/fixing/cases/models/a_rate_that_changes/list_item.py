import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.ps = [0.5, 0.2]

    def step(self):
        self.ps[0] = 0.1

    def forward(self, x):
        return F.dropout(x, self.ps[0])


def drive(m, x):
    m.step()
    return m(x)
