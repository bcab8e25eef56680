import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        h = F.dropout(x, 0.5 if self.train else 0.0)
        h.view(-1).mul_(2)
        return h + x
