import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        hs = [F.dropout(x, 0.5)]
        hs[0] += 1
        return hs[0] + x
