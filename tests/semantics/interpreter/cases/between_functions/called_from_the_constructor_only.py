# train: on, eval: off
import functools
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.start = self.make(torch.ones(3))

    def make(self, x):
        return F.dropout(x, 0.5)
