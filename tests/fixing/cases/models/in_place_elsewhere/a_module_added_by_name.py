import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.add_module("act", nn.ReLU(inplace=True))

    def forward(self, x):
        return self.act(F.dropout(x, 0.5)) + x
