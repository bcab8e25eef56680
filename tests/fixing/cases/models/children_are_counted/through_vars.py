import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(8, 8)

    def forward(self, x):
        x = F.dropout(x, 0.5)
        for m in vars(self)["_modules"].values():
            x = m(x)
        return x
