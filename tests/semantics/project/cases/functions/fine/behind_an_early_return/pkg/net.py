from .ops import drop_add
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, y=None):
        if not self.training:
            return x
        return drop_add(x, x)
