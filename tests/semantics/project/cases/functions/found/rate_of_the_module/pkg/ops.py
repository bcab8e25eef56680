import torch.nn.functional as F
from torch import nn


def attend(x, p):
    return F.dropout(x, p)  # expect: DRP002
