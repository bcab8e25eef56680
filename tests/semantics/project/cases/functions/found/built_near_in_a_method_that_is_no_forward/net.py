import torch.nn.functional as F
from torch import nn


def make_dropout(p):
    return nn.Dropout(p)


def again(p):
    return make_dropout(p)


class Net(nn.Module):
    def build(self, p):
        return nn.Dropout(p)

    def encode(self, x):
        x = make_dropout(0.1)(x)  # expect: DRP005
        return self.build(0.1)(again(0.2)(x))  # expect: DRP005, DRP005
