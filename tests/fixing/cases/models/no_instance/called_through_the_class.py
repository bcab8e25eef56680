import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def drop(x):
        return F.dropout(x, 0.5)

    def forward(self, x):
        return Net.drop(x)
