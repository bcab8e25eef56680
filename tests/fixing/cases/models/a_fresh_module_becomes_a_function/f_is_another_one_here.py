import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        F = dict
        for p in (0.25, 0.5):
            x = nn.Dropout(p)(x)
        return x, F
