import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5

    def train(self, mode=True):
        return super().train(False)

    def forward(self, x):
        x = x[None, None]
        return F.scaled_dot_product_attention(x, x, x, dropout_p=self.p)
