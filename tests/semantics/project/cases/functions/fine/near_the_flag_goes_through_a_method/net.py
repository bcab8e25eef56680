import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def attend(self, x, training=True):
        return F.dropout(x, 0.1, training)

    def forward(self, x, training=True):
        return self.attend(x, training)


class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = Net()

    def forward(self, x):
        return self.net(x, training=self.training)
