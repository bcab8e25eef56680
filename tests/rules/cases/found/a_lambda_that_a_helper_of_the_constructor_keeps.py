import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self._setup()

    def _setup(self):
        self.f = lambda x: F.dropout(x, 0.5)  # expect: DRP001

    def forward(self, x):
        return self.f(x)
