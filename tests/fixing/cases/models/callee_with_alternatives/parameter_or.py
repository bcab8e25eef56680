import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, fn=torch.relu):
        super().__init__()
        self.fn = fn

    def forward(self, x):
        fn = self.fn or F.dropout
        return fn(x)
