from functools import partial

import torch.nn.functional as F
from torch import nn

OPS = {"relu": F.relu, "drop": F.dropout}  # expect: DRP001
ROW = (F.relu, F.dropout)  # expect: DRP001


class Net(nn.Module):
    def __init__(self, kind="drop"):
        super().__init__()
        drop = partial(F.dropout, p=0.5, training=True)
        self.kind = kind
        self.steps = [nn.Identity(), F.relu, drop]  # expect: DRP003
        self.table = {"a": F.relu, "b": partial(F.dropout, p=0.5)}  # expect: DRP001
        self.named = dict([("a", F.relu)])

    def forward(self, x):
        for step in self.steps:
            x = step(x)
        for step in (self.named["a"], F.dropout):  # expect: DRP001
            x = step(x)
        for _, step in self.table.items():
            x = step(x)
        x = OPS[self.kind](x)
        drop, act = F.dropout, F.relu
        x = drop(act(x))  # expect: DRP001
        return ROW[1](x)
