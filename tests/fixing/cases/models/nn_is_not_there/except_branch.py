import torch
import torch.nn.functional as F

try:
    import math
except ImportError:
    from torch import nn


class Net(torch.nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5)
