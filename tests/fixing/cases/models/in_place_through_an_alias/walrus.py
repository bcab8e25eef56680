import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        y = (h := F.dropout(x, 0.5)).add_(1)
        return h + y + x
