import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def noisy(self, x):
        return F.dropout(x, 0.5)

    def plain(self, x):
        return x

    def train(self, mode=True):
        super().train(mode)
        self.step = self.noisy if mode else self.plain
        return self

    def forward(self, x):
        return self.step(x)
