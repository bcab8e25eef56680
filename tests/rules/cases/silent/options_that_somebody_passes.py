import torch
import torch.nn.functional as F
from torch import nn

class Gated(nn.Module):
    def forward(self, x, train=True):
        return F.dropout(x, 0.1, training=train)

class ByPosition(nn.Module):
    def forward(self, x, drop_now=True):
        return F.dropout(x, 0.1) if drop_now else x

class Follows(nn.Module):
    def forward(self, x, refine=True):
        return F.dropout(x, 0.1, self.training) if refine else x

class OffByDefault(nn.Module):
    def forward(self, x, train=False):
        return F.dropout(x, 0.1, training=train)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.three, self.four = Gated(), ByPosition(), Follows(), OffByDefault()

    def forward(self, x):
        x = self.one(x, train=self.training)
        return self.four(self.three(self.two(x, self.training)))
