import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def _check(self):
        if not self.training:
            raise RuntimeError

    def forward(self, x):
        try:
            self._check()
            return F.dropout(x, 0.5)
        except RuntimeError:
            return x
