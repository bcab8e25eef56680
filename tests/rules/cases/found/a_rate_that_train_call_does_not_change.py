import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5

    def train(self, mode=True):
        super().train(mode)
        self.p = 0.5 if mode else 0.1
        return self

    def forward(self, x):
        return F.dropout(x, self.p)  # expect: DRP001
