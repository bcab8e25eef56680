from .ops import Other
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, y=None):
        return Other.drop(x, 0.5)
