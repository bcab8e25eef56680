import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, x):
        seen = self.seen
        if seen:
            h, x = seen[0]
            h += 1
            return x + h
        h = F.dropout(x, 0.5)
        seen.append((h, x))
        return x
