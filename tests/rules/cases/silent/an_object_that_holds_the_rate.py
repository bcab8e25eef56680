import torch
import torch.nn.functional as F
from torch import nn

from types import SimpleNamespace

class Net(nn.Module):
    def forward(self, x):
        options = SimpleNamespace(p=0.5 if self.training else 0.0)
        return F.dropout(x, options.p)
