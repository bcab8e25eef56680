import torch
import torch.nn.functional as F
from torch import nn


class Mix(nn.Module):
    def drop(self, x):
        return F.dropout(x, 0.5)


class Body(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.fc = nn.Linear(n, n)


class Net(Mix, Body):
    def __init__(self):
        super().__init__(8)

    def forward(self, x):
        return self.drop(self.fc(x))
