import torch.nn.functional as F
from torch import nn


def make_dropout(p):
    return nn.Dropout(p)
