import torch.nn.functional as F
from torch import nn


class Head(nn.Module):
    def scale(self, x):
        "é"
        (factor): int = 3
        return x * factor

    def forward(self, x):
        return F.dropout(x, 0.2)  # expect: DRP001
