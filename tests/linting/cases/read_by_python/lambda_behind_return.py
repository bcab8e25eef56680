import torch.nn.functional as F
from torch import nn


class Head(nn.Module):
    def scale(self, x):
        if x is not None:
            return(lambda: 2)()
        return x

    def forward(self, x):
        return F.dropout(x, 0.2)  # expect: DRP001
