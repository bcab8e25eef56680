import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.relu(F.dropout(x, 0.5), True) + x
