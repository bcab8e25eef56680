import torch.nn.functional as F
from torch import nn


def two(x, training=True):
    x = F.dropout(x, 0.1)  # expect: DRP002
    return F.dropout(x, 0.1, training)


class Net(nn.Module):
    def forward(self, x):
        return two(x)  # expect: DRP001
