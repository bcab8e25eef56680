
import torch
import torch.nn.functional as F
from torch import nn

class Änderung(nn.Module):
    def forward(self, x):
        drop = F.dropout
        return drop(x, 0.5)
