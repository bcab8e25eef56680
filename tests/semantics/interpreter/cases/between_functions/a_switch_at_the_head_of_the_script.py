# train: gated, eval: gated
import functools
import torch
import torch.nn.functional as F
from torch import nn


IS_TRAIN = True
class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, IS_TRAIN)
