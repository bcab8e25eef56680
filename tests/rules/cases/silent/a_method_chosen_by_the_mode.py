import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def noisy(self, x):
        return F.dropout(x, 0.5)

    def plain(self, x):
        return x

    def forward(self, x):
        step = self.noisy if self.training else self.plain
        return step(x)
