
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x, y):
        x = F.dropout(x, 0.5, self.training)
        self.cached = (x, y)
        return x
