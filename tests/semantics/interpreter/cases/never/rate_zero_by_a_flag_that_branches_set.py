# train: off, eval: off
import functools
import torch
import torch.nn.functional as F
from torch import nn



class Net(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.drop = nn.Dropout(config.p)
        self.rate = config.p
        if config.p > 0 or config.slow:
            self.fused = False
        else:
            self.fused = True

    def forward(self, q, k, v):
        return F.scaled_dot_product_attention(q, k, v, dropout_p=self.drop.p) if self.fused else q
