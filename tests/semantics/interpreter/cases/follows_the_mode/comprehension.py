# train: on, eval: off
import functools
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        self.zero = 0.0

    def forward(self, x, y=None, training=None, deterministic=False, *rest, **options):
        return [F.dropout(x, 0.5) for x in y if self.training]
