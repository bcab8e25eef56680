import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.n = 1
        from torch import nn

        nn.Linear(2, 2)

    def forward(self, x):
        return F.dropout(x, 0.5)
