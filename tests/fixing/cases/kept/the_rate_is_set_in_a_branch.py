import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, auxiliary=True, p=0.5):
        super().__init__()
        self.auxiliary = auxiliary
        if auxiliary:
            self.fc = nn.Linear(8, 8)
            self.p = p

    def forward(self, x):
        if not self.auxiliary:
            return x
        return F.dropout(self.fc(x), p=self.p)


def make():
    Net(False)
    return Net()
