from .ops import Ops
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, y=None):
        return Ops.drop_rows(x, 0.5)  # expect: DRP001
