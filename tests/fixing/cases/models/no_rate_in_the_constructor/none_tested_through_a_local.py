import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, cfg={}):
        super().__init__()
        self.p = cfg.get("p")

    def forward(self, x):
        p = self.p
        if p is not None:
            x = F.dropout(x, self.p)
        return x * 2
