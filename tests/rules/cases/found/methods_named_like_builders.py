import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def build(self, x):
        return F.dropout(x, 0.5)  # expect: DRP001

    def reset(self, x):
        return nn.Dropout(0.5)(x)  # expect: DRP005

    def forward(self, x):
        return self.reset(self.build(x))
