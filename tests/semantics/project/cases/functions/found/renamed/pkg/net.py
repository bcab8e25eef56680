from .ops import drop_add as add
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, y=None):
        return add(x, x)  # expect: DRP001
