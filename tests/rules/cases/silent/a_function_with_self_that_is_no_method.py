import types

import torch.nn.functional as F
from torch import nn


def forward(self, x):
    if self.training:
        x = F.dropout(x, 0.5)
    return F.dropout(x, 0.5, training=self.training)


def corrupt(self, x):
    return F.dropout(x, 0.5)


def called(self, x):
    return F.dropout(x, 0.5)


class Data:
    pass


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.child = nn.Identity()
        self.child.forward = types.MethodType(forward, self.child)

    def forward(self, x):
        return self.child(x)


Data.forward = corrupt
Data.call = called


def augment(data, x):
    return called(data, x)
