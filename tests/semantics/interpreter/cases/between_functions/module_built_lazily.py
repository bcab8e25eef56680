# train: on, eval: on
import functools
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        self.drop = nn.Dropout(0.5)
        return self.drop(x)
