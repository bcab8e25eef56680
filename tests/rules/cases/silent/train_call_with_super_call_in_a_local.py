import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def train(self, mode=True):
        parent = super()
        parent.train(mode)
        self.training: bool = mode
        return self

    def forward(self, x):
        return F.dropout(x, 0.5, self.training)
