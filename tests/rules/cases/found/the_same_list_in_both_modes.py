import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        scale = 2.0 if self.training else 1.0
        rates = [0.1]
        rates.append(0.5)
        for p in rates:
            x = F.dropout(x * scale, p)  # expect: DRP001
        return x
