import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        x = F.dropout(x, 0.1, self.training)
        if x.sum() < 1e9:
            x = F.dropout(x, 0.5)  # expect: DRP001
        return x
