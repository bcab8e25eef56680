import torch
from torch import nn


def scaled(
    x, p, training=True
):
    keep = torch.rand_like(x) > p
    return x * keep if training else x


class Net(nn.Module):
    def forward(self, x):
        x = scaled(x, 0.1, self.training)
        return scaled(x, 0.1)
