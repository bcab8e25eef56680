import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        act = nn.ReLU(inplace=True)
        self.act = act
        self.acts = nn.ModuleList([nn.Identity(), nn.ReLU(inplace=True)])

    def forward(self, x):
        return self.act(F.dropout(x, 0.5)) + x + self.acts[1](F.dropout(x, 0.5))
