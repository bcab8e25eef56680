from .ops import drop_add
import torch.nn.functional as F
from torch import nn


def block(x):
    return drop_add(x, x)  # expect: DRP002
