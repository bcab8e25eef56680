import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = self.rate = 0.5

    def _update(self):
        self.p = self.rate if self.training else 0.0

    def forward(self, x):
        self._update()
        return F.dropout(x, self.p)
