import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        x = x + 1
        for p in (0.25, 0.5):
            x = nn.Dropout(p, True)(x)
            x = nn.AlphaDropout(p, inplace=True)(x)
        return x
