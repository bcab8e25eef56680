import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, p=None):
        super().__init__()
        self.p = None if p is None else float(p)

    def forward(self, x):
        if self.p != None:
            x = F.dropout(x, self.p)
        return x * 2
