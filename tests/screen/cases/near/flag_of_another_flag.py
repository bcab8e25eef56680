
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.always = True
        self.on = self.always
    def forward(self, x):
        return F.dropout(x, 0.5, training=self.on)
