import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    dropout, k = 0.5, 2

    def forward(self, x):
        return F.dropout(x, 0.5) * Net.dropout
