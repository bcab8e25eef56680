import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        def step(x, on=self.training):
            return F.dropout(x, 0.5) if on else x

        return step(x)
