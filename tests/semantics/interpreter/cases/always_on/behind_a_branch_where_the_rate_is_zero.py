# train: on, eval: on
import functools
import torch
import torch.nn.functional as F
from torch import nn



class Net(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if self.p == 0:
            x = x + 1
        return F.dropout(x, self.p)
