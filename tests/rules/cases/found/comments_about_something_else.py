import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        # x is always float here
        x = F.dropout(x, 0.5)  # expect: DRP001

        y = F.dropout(x, 0.5)  # (B, 1, D) during inference  # expect: DRP001
        return y
