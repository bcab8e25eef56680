import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    kept = None

    def forward(self, x):
        if self.kept is not None:
            self.kept.add_(1)
            return self.kept + self.input
        self.input = x
        self.kept = F.dropout(x, 0.5)
        return x
