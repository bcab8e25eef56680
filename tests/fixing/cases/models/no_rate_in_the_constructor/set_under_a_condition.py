import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, use=False):
        super().__init__()
        self.use = use
        if use:
            self.p = 0.5

    def forward(self, x):
        if self.use:
            x = F.dropout(x, self.p)
        return x * 2
