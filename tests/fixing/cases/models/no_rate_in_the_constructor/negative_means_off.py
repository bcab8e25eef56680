import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, p=-1.0):
        super().__init__()
        self.p = p

    def forward(self, x):
        if self.p > 0:
            x = F.dropout(x, self.p)
        return x * 2
