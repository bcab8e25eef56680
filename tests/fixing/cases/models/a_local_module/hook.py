import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        d = nn.Dropout(0.5)
        d.register_forward_hook(lambda m, i, o: o + 1)
        return d(x)
