import torch.nn.functional as F
from torch import nn


class Head(nn.Module):
    def forward(self, x):
        noise = nn.Sequential(nn.Dropout(0.2)) and nn.Dropout(0.2)  # expect: DRP005
        noise.train()
        return noise(x)
