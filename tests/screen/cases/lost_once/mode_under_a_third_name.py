
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        on = self.training
        rate = on
        return F.alpha_dropout(x, rate)
