import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        for i in range(2):
            setattr(self, str(i), nn.Linear(8, 8))
        for i, n in enumerate((8, 8)):
            self.__setattr__(f"{i}th", nn.Linear(8, n))
        for name in ("left", "right"):
            setattr(self, name + "_drop", nn.Linear(8, 8))

    def forward(self, x):
        x = self.left_drop(getattr(self, "0")(x))
        return F.dropout(x, self.p)
