import torch.nn.functional as F
from torch import nn


class Layer(nn.Module):
    def forward(self, x, drop_now=True):  # expect: DRP003
        return F.dropout(x, 0.5) if drop_now else x
