import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        h = F.dropout(x, 0.5)
        h.view(-1).add_(1)
        return h + x
