import torch
import torch.nn.functional as F
from torch import nn


def drop(x, training=True, is_test=False):
    x = F.dropout(x, 0.5, training)
    return x if is_test else F.dropout(x, 0.1)


class Net(nn.Module):
    def forward(self, x):
        return drop(x)
