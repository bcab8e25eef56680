from . import ops
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, y=None):
        return ops.drop_add(x, x)  # expect: DRP001
