import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        p = 0.5

        def off():
            nonlocal p
            p = 0.0

        if not self.training:
            off()
        return F.dropout(x, p)
