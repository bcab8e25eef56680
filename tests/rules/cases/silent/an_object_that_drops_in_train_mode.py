import torch.nn.functional as F
from torch import nn


class Noise:
    def __init__(self, p):
        self.p = p
        self.training = False

    def __call__(self, x):
        return F.dropout(x, self.p)

    def again(self, x):
        return F.dropout(x, self.p) if self.training else x


class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.noise = Noise(p)

    def forward(self, x):
        if self.training:
            x = self.noise(x)
        return self.noise.again(x)
