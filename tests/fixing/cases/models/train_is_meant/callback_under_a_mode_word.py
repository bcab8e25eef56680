import torch
import torch.nn.functional as F
from torch import nn


def switch(x, set_mode):
    set_mode(True)
    return x


class Net(nn.Module):
    def forward(self, x):
        return switch(x, set_mode=self.train)
