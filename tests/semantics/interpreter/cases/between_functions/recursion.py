# train: on, eval: on
import functools
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def down(self, x, n):
        return self.down(F.dropout(x, 0.5), n - 1) if n else x

    def forward(self, x):
        return self.down(x, 3)
