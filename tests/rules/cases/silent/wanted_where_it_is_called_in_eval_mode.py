import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def _encode(self, x):
        return F.dropout(x, 0.5)

    def mc_predict(self, x):
        return [self._encode(x) for _ in range(4)]

    def forward(self, x):
        return self._encode(x) if self.training else x
