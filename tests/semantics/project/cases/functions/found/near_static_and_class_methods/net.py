import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    @staticmethod
    def one(x, training=True):
        return F.dropout(x, 0.1, training)

    @classmethod
    def other(cls, x, training=True):
        return F.dropout(x, 0.1, training)

    def forward(self, x):
        x = self.one(x)  # expect: DRP001
        return self.other(x, True)  # expect: DRP003
