# train: on, eval: on
import functools
import torch
import torch.nn.functional as F
from torch import nn


ALWAYS = True
class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, ALWAYS)
