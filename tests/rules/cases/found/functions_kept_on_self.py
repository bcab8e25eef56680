import torch.nn.functional as F
from torch import nn


def noisy(x, p):
    return F.dropout(x, p)  # expect: DRP002


def plain(x):
    return F.dropout(x, 0.5)  # expect: DRP002


def flagged(x, training=True):
    return F.dropout(x, 0.5, training)


def make(p):
    def run(x):
        return F.dropout(x, p)

    return run


def choose():
    if hasattr(F, "dropout1d"):
        return F.dropout1d

    def instead(x, p=0.5):
        return F.dropout(x, p)

    return instead


class Inner(nn.Module):
    def __init__(self, p, fn, other=F.dropout):
        super().__init__()
        self.p, self.fn = p, fn
        self.other = other

    def forward(self, x):
        return self.other(self.fn(x, p=self.p))  # expect: DRP001, DRP001


class Net(nn.Module):
    static = staticmethod(F.dropout)

    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        self.noisy = noisy
        self.plain = plain
        self.flagged = flagged if p else (lambda x: x)
        self.made = make(p)
        self.chosen = choose()
        self.inner = Inner(p, choose())

    @property
    def drop(self):
        return F.dropout

    def forward(self, x):
        x = self.noisy(x, p=self.p)
        x = self.plain(x)
        x = self.flagged(x)  # expect: DRP001
        x = self.made(x)  # expect: DRP001
        x = self.chosen(x)  # expect: DRP001
        x = self.static(x)  # expect: DRP001
        x = self.drop(x)  # expect: DRP001
        x = getattr(F, "dropout")(x)  # expect: DRP001
        return self.inner(x)
