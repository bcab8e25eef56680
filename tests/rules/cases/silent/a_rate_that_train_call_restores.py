import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5

    def train(self, mode=True):
        super().train(mode)
        if mode:
            self.p = 0.5
        return self

    def forward(self, x):
        if not self.training:
            self.p = 0.0
        return F.dropout(x, self.p, self.training)
