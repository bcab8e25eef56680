
import torch
import torch.nn.functional as F
from torch import nn

from functools import partial
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = partial(  # half
            F.dropout, p=0.5)
    def forward(self, x):
        return self.drop(x)
