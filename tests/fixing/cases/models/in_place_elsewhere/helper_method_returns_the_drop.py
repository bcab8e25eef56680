import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def _drop(self, x):
        return F.dropout(x, 0.5)

    def forward(self, x):
        h = self._drop(x)
        h += 1
        return h + x
