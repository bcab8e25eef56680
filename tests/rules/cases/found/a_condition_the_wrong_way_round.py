import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        if not self.training:
            x = F.dropout(x, 0.5)  # expect: DRP001
        if self.training:
            return x
        return F.dropout(x, 0.1)  # expect: DRP001
