import torch
from torch import nn


class DropOps:
    @staticmethod
    def apply(x, p):
        return x * (torch.rand_like(x) > p)


class Net(nn.Module):
    def forward(self, x):
        return DropOps.apply(x, 0.1)
