import torch
import torch.nn.functional as F
from torch import nn


def drop(x, training=True):
    return (F.dropout(x, 0.5, training), 1) if training else x


class Net(nn.Module):
    def forward(self, x):
        return drop(x)[0] + 1
