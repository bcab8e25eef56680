# train: gated, eval: gated
import functools
import torch
import torch.nn.functional as F
from torch import nn



class Net(nn.Module):
    def forward(self, x, **options):
        sample = options.pop("sample", True) if options else True
        if not sample:
            return x
        return F.dropout(x, 0.3)
