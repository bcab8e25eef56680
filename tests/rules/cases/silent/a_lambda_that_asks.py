import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rate = lambda: 0.5 if self.training else 0.0

    def forward(self, x):
        return F.dropout(x, self.rate())
