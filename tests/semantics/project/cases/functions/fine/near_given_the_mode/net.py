import torch.nn.functional as F
from torch import nn


def drop_add(x, y, p=0.1, training=True):
    return y + F.dropout(x, p, training)

def drop_norm(x, y, training=True):
    return drop_add(x, y, training=training) / 2

class Net(nn.Module):
    def forward(self, x):
        return drop_norm(x, x, self.training)
