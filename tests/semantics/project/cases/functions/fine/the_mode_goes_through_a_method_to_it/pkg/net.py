import torch.nn.functional as F
from torch import nn

from . import rates
from .rates import rate


class Net(nn.Module):
    def rate(self):
        return rates.rate(self.training)

    def options(self):
        return rate(self.training, 0.1), True

    @property
    def halved(self):
        return rate(self.training) / 2

    def forward(self, x):
        x = F.dropout(x, self.rate())
        p, inplace = self.options()
        x = F.dropout(x, p) + F.dropout(x, self.options()[0])
        return F.dropout(x, self.halved) + F.dropout(x, rate_of(self))


def rate_of(module):
    return rate(module.training)
