import torch
import torch.nn.functional as F
from torch import nn


from typing import Optional


class Net(nn.Module):
    def __init__(self, p: Optional[float]):
        super().__init__()
        self.p = p

    def forward(self, x):
        if self.p:
            x = F.dropout(x, self.p)
        return x


def make():
    return Net(None)
