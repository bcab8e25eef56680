import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, p: float = 0.5, q=0.0):
        super().__init__()
        self.p, self.q = p, q

    def forward(self, x):
        if self.p:
            x = self.drop(x)
        return self.second(x) if self.q > 0 else x

    def drop(self, x):
        return F.dropout(x, self.p)

    def second(self, x):
        return F.dropout(x, self.q)
