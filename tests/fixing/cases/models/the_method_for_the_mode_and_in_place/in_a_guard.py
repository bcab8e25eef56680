import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if self.train:
            h = F.dropout(x, 0.5)
        else:
            h = x
        h += 1
        return h + x
