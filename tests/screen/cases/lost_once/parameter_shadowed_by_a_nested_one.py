
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x, t=0):
        def inner(t):
            return F.dropout(x, 0.5, t)
        return inner(True)
