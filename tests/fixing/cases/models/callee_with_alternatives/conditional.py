import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, use=False):
        super().__init__()
        self.use = use

    def forward(self, x):
        drop = F.dropout if self.use else (lambda t, p: t)
        return drop(x, 0.5)
