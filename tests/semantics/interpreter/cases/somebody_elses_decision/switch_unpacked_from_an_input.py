# train: gated, eval: gated
import functools
import torch
import torch.nn.functional as F
from torch import nn



class Net(nn.Module):
    def forward(self, inputs):
        x, (mask, *others, use_dropout) = inputs
        return F.dropout(x, 0.3) if use_dropout else x
