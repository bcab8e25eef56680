import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.ReLU(inplace=True), nn.Linear(8, 8)]
        self.body = nn.Sequential(*layers)

    def forward(self, x):
        return self.body(F.dropout(x, 0.5)) + x
