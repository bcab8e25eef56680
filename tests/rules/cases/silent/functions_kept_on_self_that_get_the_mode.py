import torch.nn.functional as F
from torch import nn


def noisy(x, p):
    return F.dropout(x, p)


def in_training(x):
    return F.dropout(x, 0.5)


def make(p, module):
    def run(x):
        return F.dropout(x, p, module.training)

    return run


def make_off(p):
    return lambda x: F.dropout(x, p)


def by_name(kind):
    return {"relu": F.relu, "dropout": F.dropout}[kind]


class Inner(nn.Module):
    def __init__(self, fn=F.dropout):
        super().__init__()
        self.fn = fn

    def forward(self, x):
        return self.fn(x, 0.5, self.training)


class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        self.noisy = noisy
        self.in_training = in_training
        self.made = make(p, self)
        self.off = make_off(0.0)
        self.named = by_name("relu")
        self.inner = Inner(F.dropout)

    @property
    def drop(self):
        return F.dropout

    def forward(self, x):
        x = self.noisy(x, self.p if self.training else 0.0)
        if self.training:
            x = self.in_training(x)
        x = self.drop(x, training=self.training)
        return self.inner(self.named(self.off(self.made(x))))
