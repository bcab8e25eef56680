import torch
import torch.nn.functional as F
from torch import nn


import builtins


class Net(nn.Module):
    @builtins.staticmethod
    def drop(x):
        return F.dropout(x, 0.5)

    def forward(self, x):
        return self.drop(x)
