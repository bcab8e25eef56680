import torch.nn.functional as F
from torch import nn


class Noise:
    def __init__(self, p):
        self.p = p

    def __call__(self, x):
        return F.dropout(x, self.p)  # expect: DRP002

    def again(self, x):
        return F.dropout(x, 0.5)  # expect: DRP002

    def gated(self, x, training):
        return F.dropout(x, self.p, training)


class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.noise = Noise(p)

    def forward(self, x):
        x = self.noise.gated(x, self.training)
        return self.noise.again(self.noise(x))
