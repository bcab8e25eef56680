import torch.nn.functional as F
from torch import nn


def noise(x, training=True):
    return F.dropout(x, 0.2, training)


class Head(nn.Module):
    def forward(self, x):
        return noise(x, {"k": {}}["k"])
