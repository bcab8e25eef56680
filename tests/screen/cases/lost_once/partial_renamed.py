
import torch
import torch.nn.functional as F
from torch import nn

from functools import partial as P
drop = P(F.dropout, p=0.5)
class Net(nn.Module):
    def forward(self, x):
        return drop(x)
