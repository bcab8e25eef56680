
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    on = True
    def forward(self, x):
        return F.dropout(x, 0.5, training=self.on)
class Other(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.on = config.on
    def forward(self, x):
        return F.dropout(x, 0.5, training=self.on)
