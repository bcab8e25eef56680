from . import ops
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, y=None):
        return ops.Ops.drop(x, 0.5)
