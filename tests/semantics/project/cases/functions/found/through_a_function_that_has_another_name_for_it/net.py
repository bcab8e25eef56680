import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def inner(self, x, on):
        if not on:
            return x
        return F.dropout(x, 0.2)

    def outer(self, x, training):
        return self.inner(x, on=training)

    def forward(self, x):
        return self.outer(x, True)  # expect: DRP003
