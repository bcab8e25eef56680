import torch
import torch.nn.functional as F
from torch import nn


class Tag:
    def __init__(self):
        self.tag = 1


class Net(Tag, nn.Module):
    def __init__(self):
        Tag.__init__(self)
        nn.Module.__init__(self)

    def forward(self, x):
        return F.dropout(x, 0.5)
