
import torch
import torch.nn.functional as F
from torch import nn

NAME = "dropout"
class Net(nn.Module):
    def forward(self, x):
        x = F.dropout(x, 0.5, self.training)
        return getattr(F, NAME)(x, 0.5)
