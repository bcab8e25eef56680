import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        d = nn.Dropout(0.5)
        y = d(x)
        d.eval()
        return y + d(x)
