
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        layers = [("dropout", nn.Identity()), ("fc", nn.Linear(8, 8))]
        self.body = nn.Sequential(*(getattr(blocks, f"block{i}") for i in range(2)))
        self.norm = getattr(blocks, "norm", None)
        self.head = blocks.build(layers, F, nn)
    def forward(self, x):
        return self.head(x)
