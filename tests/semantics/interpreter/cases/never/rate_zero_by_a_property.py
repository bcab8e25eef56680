# train: off, eval: off
import functools
import torch
import torch.nn.functional as F
from torch import nn



class Net(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    @property
    def fused(self):
        return hasattr(F, "scaled_dot_product_attention") and not self.p

    def forward(self, q, k, v):
        fused = self.fused
        assert self.fused
        return F.scaled_dot_product_attention(q, k, v, dropout_p=self.p)
