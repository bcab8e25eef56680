from .ops import drop_add
import torch.nn.functional as F
from torch import nn


class MCDropoutNet(nn.Module):
    def forward(self, x):
        return drop_add(x, x)
