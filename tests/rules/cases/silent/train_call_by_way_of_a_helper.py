import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def _set(self, mode):
        self.training = mode

    def train(self, mode=True):
        self._set(mode)
        return self

    def forward(self, x):
        return F.dropout(x, 0.5, self.training)
