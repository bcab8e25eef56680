from .ops import drop_add
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, y=None):
        return drop_add(x, x, training=False)  # expect: DRP015
