import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, hook=None):
        super().__init__()
        self.hook = hook

    def forward(self, x):
        switch = self.hook or self.train
        switch(self.training)
        return x
