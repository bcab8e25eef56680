
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.on = config.on
    def forward(self, x):
        self.on = True
        return F.dropout(x, 0.5, training=self.on)
