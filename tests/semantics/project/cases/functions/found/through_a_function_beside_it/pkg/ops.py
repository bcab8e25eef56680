import torch.nn.functional as F
from torch import nn


def attend(x, p):
    return F.dropout(x, p)  # expect: DRP002


def block(x):
    return attend(x, 0.1)
