import torch.nn.functional as F
from torch import nn


class Head(nn.Module):
    def __init__(self, p=0.2):
        super().__init__()
        self.p = p

    def forward(self, x):
        y = nn.Sequential(nn.ReLU(), nn.Sequential(nn.Dropout(0.2)))(x)  # expect: DRP005
        return y
