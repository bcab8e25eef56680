import torch
from torch import nn

def drop_path(x, drop_prob=0.0, training=False):
    if drop_prob == 0.0 or not training:
        return x
    keep = 1 - drop_prob
    mask = keep + torch.rand((x.shape[0],) + (1,) * (x.ndim - 1), dtype=x.dtype)
    return x.div(keep) * mask.floor()

def drop_always(x, p):
    return x * (torch.rand_like(x) > p)

class DropPath(nn.Module):
    def __init__(self, p=None):
        super().__init__()
        self.p = p

    def forward(self, x):
        return drop_path(x, self.p, self.training)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5
        self.path = DropPath(0.1)

    def forward(self, x):
        x = self.path(x)
        x = drop_path(x, self.p, training=self.training)
        if self.training:
            x = drop_always(x, self.p)
        return drop_path(x, self.p if self.training else 0.0, False)
