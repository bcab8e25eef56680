import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        a, b = F.dropout(x, 0.5), 1
        a += b
        return a + x
