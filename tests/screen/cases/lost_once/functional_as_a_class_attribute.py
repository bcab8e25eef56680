
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    F = torch.nn.functional
    def forward(self, x):
        return self.F.dropout(x, 0.5)
