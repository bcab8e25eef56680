import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        self.h = F.dropout(x, 0.5)
        self.h += 1
        return self.h + x
