import torch
import torch.nn.functional as F
from torch import nn


def hard(x, p):
    on = True
    return F.dropout(x, p, on)


class Net(nn.Module):
    def forward(self, x):
        return hard(x, 0.5)
