import torch
import torch.nn.functional as F
from torch import nn


from collections import *


class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p, self.norm, self.fc = p, nn.BatchNorm1d(8), nn.Linear(8, 8)

    def freeze(self):
        for m in self.modules():
            if isinstance(m, nn.BatchNorm1d) or (m is not self and isinstance(m, nn.LayerNorm)):
                m.eval()
            elif isinstance(m, nn.GroupNorm) or isinstance(m, OrderedDict):
                m.eval()

    def forward(self, x):
        return self.fc(F.dropout(self.norm(x), self.p))
