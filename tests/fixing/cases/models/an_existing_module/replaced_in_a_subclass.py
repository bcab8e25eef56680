import torch
import torch.nn.functional as F
from torch import nn


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(x) + F.dropout(x, 0.5)


class Net(Base):
    def __init__(self):
        super().__init__()
        self.drop = nn.Identity()
