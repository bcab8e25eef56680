import torch.nn.functional as F
from torch import nn


def drop_add(x, y, p=0.1, training=True):
    return y + F.dropout(x, p, training)

def twice(x):
    return 2 * drop_add(x, x)  # expect: DRP002


class Net(nn.Module):
    def forward(self, x):
        return twice(x)
