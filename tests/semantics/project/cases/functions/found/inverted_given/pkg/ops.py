import torch.nn.functional as F
from torch import nn


def drop_add(x, y, deterministic=False):
    if deterministic:
        return x + y
    return y + F.dropout(x, 0.1)
