import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        self.a, self.b = nn.Linear(8, 8), nn.ReLU()

    def forward(self, x):
        return F.dropout(self.b(self.a(x)), self.p)


class Wrapper(Net):
    def __init__(self, inner):
        super().__init__()
        self.body = nn.Sequential(*list(inner.children())[:-1])

    def forward(self, x):
        return F.dropout(self.body(x), self.p)


def make():
    return Wrapper(Net())
