# train: off, eval: off
import functools
import torch
import torch.nn.functional as F
from torch import nn



class Base(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p


class Net(Base):
    def __init__(self, p):
        super().__init__(p)
        slow = p in (0, None)
        self.fused = False if not slow else True

    def forward(self, q, k, v):
        return q if not self.fused else F.dropout(q, self.p)
