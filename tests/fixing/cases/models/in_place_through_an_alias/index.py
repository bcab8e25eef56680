import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        h = F.dropout(x, 0.5)[1:]
        h *= 2
        return h, x
