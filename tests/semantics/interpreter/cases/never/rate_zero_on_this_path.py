# train: off, eval: off
import functools
import torch
import torch.nn.functional as F
from torch import nn



class Net(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        rate = self.p
        if rate > 0:
            return x
        return F.dropout(x, self.p)
