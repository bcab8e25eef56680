import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def step(self):
        self.drop.p = 0.1

    def forward(self, x):
        return self.drop(x) + F.dropout(x, 0.5)


def drive(m, x):
    m.step()
    return m(x)
