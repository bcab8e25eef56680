from functools import partial

import torch.nn.functional as F
from torch import nn

OPS = {"relu": F.relu, "drop": F.dropout}
ROW = (F.relu, F.dropout)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = [F.relu, F.dropout]
        self.table = {"a": F.relu, "b": partial(F.dropout, training=False)}

    def forward(self, x):
        if self.training:
            for step in self.steps:
                x = step(x)
        for step in (F.dropout, F.alpha_dropout):
            x = step(x, training=self.training)
        x = [F.relu, F.dropout][self.training](x)
        step = F.dropout if self.training else F.relu
        x = {"a": partial(F.dropout, training=self.training), "b": step}["a"](x)
        x = self.table.get("b", F.relu)(self.table["a"](x))
        return OPS["relu"](ROW[0](x))
