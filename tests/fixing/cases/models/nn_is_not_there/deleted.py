import torch
import torch.nn.functional as F
from torch import nn


Module = nn.Module
del nn


class Net(Module):
    def forward(self, x):
        return F.dropout(x, 0.5)
