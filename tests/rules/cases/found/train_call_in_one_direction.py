import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def train(self, mode=True):  # expect: DRP007
        if mode:
            super().train(mode)
        return self

    def forward(self, x):
        return self.drop(x)
