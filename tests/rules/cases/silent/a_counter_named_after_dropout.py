import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.dropout_steps = 0

    def forward(self, x):
        if not self.training:
            self.dropout_steps = 0
        return F.dropout(x, 0.5, self.training)
