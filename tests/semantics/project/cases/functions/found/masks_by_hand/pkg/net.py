from torch import nn

from . import drop
from .drop import drop_path, drop_rows, stochastic_depth


class Block(nn.Module):
    def __init__(self, p=0.1):
        super().__init__()
        self.p = p

    def forward(self, x):
        x = x + drop_path(x, self.p)  # expect: DRP001
        x = drop_path(x, self.p, True)  # expect: DRP003
        x = stochastic_depth(x, self.p, "row")  # expect: DRP001
        x = drop.dropped_twice(x, self.p)
        return drop_rows(x, self.p)
