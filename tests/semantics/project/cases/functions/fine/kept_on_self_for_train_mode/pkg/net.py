from .ops import attend
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = attend

    def forward(self, x):
        return self.act(x, 0.5) if self.training else x
