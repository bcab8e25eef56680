import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.seen = [m for m in (0,)]
        for m in self.modules():
            if isinstance(m, nn.Linear) or m is not self:
                self.seen.append(str(m))

    def forward(self, x):
        return self.fc(F.dropout(x, 0.5)), self.seen[1:]

    def late(self):
        for m in self.modules():
            if m is not self or isinstance(m, nn.Linear):
                self.seen.append(str(m))


def make():
    net = Net()
    net.late()
    return net
