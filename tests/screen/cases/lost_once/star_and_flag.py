
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        a = (x,)
        return F.dropout(*a, p=0.5, training=True)
