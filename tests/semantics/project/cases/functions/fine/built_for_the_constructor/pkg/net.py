from .ops import make_dropout
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = make_dropout(0.1)
        self.rest = nn.Sequential(nn.Linear(2, 2), make_dropout(0.1))

    def forward(self, x):
        return self.drop(x)
