from .ops import drop_norm
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, y=None):
        return drop_norm(x, x)  # expect: DRP001
