import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(8, 8)
        self.b = nn.Linear(8, 3)

    def forward(self, x):
        return self.b(F.dropout(self.a(x), 0.5))


def make():
    return nn.Sequential(*list(Net().children())[:-1])
