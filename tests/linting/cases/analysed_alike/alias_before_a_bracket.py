import torch.nn.functional as F
from torch import nn


class Head(nn.Module):
    def __init__(self, p=0.2):
        super().__init__()
        self.p = p

    def forward(self, x):
        G = F
        (x)
        return G.dropout(x, 0.2)  # expect: DRP001
