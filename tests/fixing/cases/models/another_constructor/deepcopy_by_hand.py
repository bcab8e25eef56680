import torch
import torch.nn.functional as F
from torch import nn


import copy


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def __deepcopy__(self, memo):
        new = Net.__new__(Net)
        nn.Module.__init__(new)
        new.fc = copy.deepcopy(self.fc, memo)
        return new

    def forward(self, x):
        return self.fc(F.dropout(x, 0.5))


def make():
    return copy.deepcopy(Net())
