from .ops import make_dropout
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, y=None):
        return make_dropout(0.5).train(self.training)(x)
