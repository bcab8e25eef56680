import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        h = F.dropout(x, 0.5)
        g = h.t()
        g += 1
        return h + x
