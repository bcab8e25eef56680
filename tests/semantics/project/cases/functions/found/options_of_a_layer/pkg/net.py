from torch import nn

from .layer import Layer


def unrelated(x, drop_now):
    return x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = Layer()

    def forward(self, x):
        return self.layer(unrelated(x, drop_now=False))
