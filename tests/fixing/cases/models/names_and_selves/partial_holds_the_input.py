import torch
import torch.nn.functional as F
from torch import nn


from functools import partial


class Net(nn.Module):
    def forward(self, x):
        drop = partial(F.dropout, x)
        return drop(0.5)
