import torch
from torch import nn

try:
    from torch.nn.functional import dropout1d as drop
except ImportError:
    from torch.nn.functional import dropout as drop

try:
    from torch.nn.functional import dropout2d
except ImportError:

    def dropout2d(x, p=0.5, training=True, inplace=False):
        return x * torch.empty_like(x).bernoulli_(1 - p) if training else x


try:
    from torch.nn.functional import dropout3d
except ImportError:
    dropout3d = None


class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        x = drop(x, self.p)  # expect: DRP001
        x = dropout2d(x[None], self.p)[0]  # expect: DRP001
        if dropout3d is not None:
            x = dropout3d(x[None, None], self.p)[0, 0]  # expect: DRP001
        return x
