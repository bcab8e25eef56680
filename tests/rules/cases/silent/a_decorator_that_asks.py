import torch
import torch.nn.functional as F
from torch import nn

def train_only(function):
    def inner(self, x):
        return function(self, x) if self.training else x
    return inner

class Net(nn.Module):
    @train_only
    def noisy(self, x):
        return F.dropout(x, 0.5)

    def forward(self, x):
        return self.noisy(x)
