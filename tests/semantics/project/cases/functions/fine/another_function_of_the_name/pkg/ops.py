import torch.nn.functional as F
from torch import nn


def drop_add(x, y, training=True):
    return x
