import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        def drop(z):
            return nn.Dropout(0.5)(z)

        def twice(z):
            return drop(drop(z))

        y = twice(x)
        y += 1
        return x + y
