import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, p=0.5, twice=True):
        super().__init__()
        self.p, self.twice = p, twice
        for i in range(2):
            setattr(self, "%s%d" % ("bifc" if twice else "fc", i), nn.Linear(8, 8))
            self.add_module(f"norm{i}", nn.LayerNorm(8))
            name = "act" + str(i)
            setattr(self, name, nn.ReLU())
            setattr(self, "last_{}".format(i), i)

    def forward(self, x):
        for i in range(2):
            layer = getattr(self, ("bifc" if self.twice else "fc") + str(i))
            x = getattr(self, f"act{i}")(getattr(self, f"norm{i}")(layer(x)))
        return F.dropout(x, self.p)
