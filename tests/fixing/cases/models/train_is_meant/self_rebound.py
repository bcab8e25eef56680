import torch
import torch.nn.functional as F
from torch import nn


class Config:
    train = False


class Net(nn.Module):
    def forward(self, x):
        self = Config
        return x * (2.0 if self.train else 1.0)
