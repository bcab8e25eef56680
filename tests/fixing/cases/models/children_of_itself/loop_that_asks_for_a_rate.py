import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        self.seen = 0
        for m in self.children():
            if hasattr(m, "p"):
                self.seen += 1

    def forward(self, x):
        for m in self.children():
            if hasattr(m, "p"):
                x = x + 1
        return F.dropout(x, self.p)
