import torch.nn.functional as F
from torch import nn


class Layer(nn.Module):
    def forward(self, x, drop_now=True):
        return F.dropout(x, 0.5) if drop_now else x


class Model(nn.Module):
    def forward(self, x, train=True):
        return F.dropout(x, 0.5, training=train)
