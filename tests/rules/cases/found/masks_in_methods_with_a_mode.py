import torch
from torch import nn

class DropsPaths:
    def drop_path(self, x, p, training=True):
        if not training:
            return x
        return x * (torch.rand(x.shape[0], 1) > p)

class Net(DropsPaths, nn.Module):
    def forward(self, x):
        return self.drop_path(x, 0.5)  # expect: DRP001
