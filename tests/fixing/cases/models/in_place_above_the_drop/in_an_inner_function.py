import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        h = x

        def shift():
            return h.add_(1)

        h = F.dropout(x, 0.5)
        return shift() + x
