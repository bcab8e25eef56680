import torch.nn.functional as F
from torch import nn


from .deep import dropout_if


def drop_add(x, y, training=True):
    return dropout_if(x, training) + y
