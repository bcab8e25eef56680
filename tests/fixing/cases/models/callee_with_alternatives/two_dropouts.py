import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, rows=True):
        super().__init__()
        self.rows = rows

    def forward(self, x):
        return (F.dropout1d if self.rows else F.dropout)(x, 0.5)
