import torch
import torch.nn.functional as F
from torch import nn

class Other(nn.Module):
    def encode(self, x, p):
        return x

    def forward(self, x):
        return self.encode(x, 0.0)

class Net(nn.Module):
    def encode(self, x, p=0.5):
        return F.dropout(x, p)  # expect: DRP001

    def __call__(self, x):
        model = self
        return model.encode(x)
