import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        def double(z):
            z.mul_(2)
            return z

        y = F.dropout(x, 0.5)
        return x + double(y)
