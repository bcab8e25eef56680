# train: on, eval: on
import functools
import torch
import torch.nn.functional as F
from torch import nn



class Net(nn.Module):
    def __init__(self, p, fast=True):
        super().__init__()
        self.p = p
        self.fused = fast and p == 0.0

    def forward(self, q, k, v):
        if not self.fused:
            return F.scaled_dot_product_attention(q, k, v, dropout_p=self.p)
        return q
