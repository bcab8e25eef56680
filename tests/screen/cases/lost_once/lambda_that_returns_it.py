
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        drop = lambda: F.dropout
        return drop()(x, 0.5)
