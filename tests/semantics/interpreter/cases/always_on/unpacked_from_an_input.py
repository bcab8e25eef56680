# train: on, eval: on
import functools
import torch
import torch.nn.functional as F
from torch import nn



class Net(nn.Module):
    def forward(self, inputs):
        x, mask = inputs
        x, noise = self.split(x), self.noise
        if mask is not None or noise:
            x = F.dropout(x, 0.3)
        return x
