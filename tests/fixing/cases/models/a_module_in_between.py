import torch
import torch.nn.functional as F
from torch import nn


def make(p):
    return nn.Dropout(p)


class Net(nn.Module):
    def forward(self, x):
        return make(0.5)(x)
