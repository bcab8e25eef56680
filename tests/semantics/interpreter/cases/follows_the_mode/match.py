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
        match self.training:
            case True:
                x = F.dropout(x, 0.5)
            case _:
                pass
        return x
