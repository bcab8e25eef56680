import torch
import torch.nn.functional as F
from torch import nn

def rate(p, on):
    return p if on else 0.0

class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, rate(0.5, self.training))
