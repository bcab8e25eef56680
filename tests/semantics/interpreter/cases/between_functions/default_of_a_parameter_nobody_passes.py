# train: on, eval: on
import functools
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, p=0.5):
        return F.dropout(x, p)
