from .ops import Ops
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, y=None):
        return Ops.drop(x, 0.5)
