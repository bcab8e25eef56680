import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        h = torch.zeros_like(x)
        for _ in range(2):
            h += 1
            h = F.dropout(x, 0.5)
        return h + x
