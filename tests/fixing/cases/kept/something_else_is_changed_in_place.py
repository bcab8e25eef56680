import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        h = F.dropout(x, 0.5)
        outs = []
        outs += [self.act(self.fc(h))]
        total = torch.zeros_like(x)
        total += h
        return outs[0] + total.add_(h)
