from torch import nn

from .drop import drop_path, drop_rows, stochastic_depth


class Block(nn.Module):
    def __init__(self, p=0.1):
        super().__init__()
        self.p = p

    def forward(self, x):
        x = x + drop_path(x, self.p, training=self.training)
        x = drop_path(x, self.p, self.training)
        x = stochastic_depth(x, self.p, "row", self.training)
        return drop_rows(x, self.p) if self.training else x
