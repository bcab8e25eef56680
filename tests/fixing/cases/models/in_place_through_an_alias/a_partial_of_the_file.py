import functools
import torch
import torch.nn.functional as F
from torch import nn

half = functools.partial(F.dropout, p=0.5)


class Net(nn.Module):
    def forward(self, x):
        x = F.dropout(x, 0.2)
        y = half(x, training=self.training)
        y.view(-1).mul_(2)
        return x + y
