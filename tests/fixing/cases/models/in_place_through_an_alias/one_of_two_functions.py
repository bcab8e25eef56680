import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        x = F.dropout(x, 0.2)
        y = (F.dropout if self.training else F.alpha_dropout)(x, 0.5, self.training)
        y.mul_(2)
        return x + y
