import torch.nn.functional as F
from torch import nn


class Head(nn.Module):
    def __init__(self, p=0.2):
        super().__init__()
        self.p = p

    def forward(self, x):
        (self.training) = True
        return F.dropout(x, 0.2, training=self.training)  # expect: DRP003
