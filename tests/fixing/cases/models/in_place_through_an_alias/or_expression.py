import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        h = None or F.dropout(x, 0.5)
        h += 1
        return h + x
