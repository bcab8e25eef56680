import torch.nn.functional as F
from torch import nn


class Head(nn.Module):
    def __init__(self, p=0.2):
        super().__init__()
        self.layers = (list)([nn.Dropout(p)])  # expect: DRP006

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
