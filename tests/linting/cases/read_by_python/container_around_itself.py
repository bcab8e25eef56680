import torch.nn.functional as F
from torch import nn


class Head(nn.Module):
    def __init__(self, size, rate=0.2):
        super().__init__()
        self.rate = rate
        self.body = [nn.Linear(size, size), nn.ReLU()]
        self.body = nn.Sequential(*self.body)

    def forward(self, x):
        y = self.body(x)
        return y + F.dropout(x, self.rate)  # expect: DRP001
