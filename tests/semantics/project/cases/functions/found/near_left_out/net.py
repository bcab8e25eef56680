import torch.nn.functional as F
from torch import nn


def drop_add(x, y, p=0.1, training=True):
    return y + F.dropout(x, p, training)

class Net(nn.Module):
    def forward(self, x):
        return drop_add(x, x)  # expect: DRP001
