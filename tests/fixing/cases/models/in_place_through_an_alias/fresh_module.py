import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        h = nn.Dropout(0.5)(x).view(-1)
        h += 1
        return h + x.view(-1)
