# train: gated, eval: gated
import functools
import torch
import torch.nn.functional as F
from torch import nn



class Net(nn.Module):
    def forward(self, batch):
        x = batch[0]
        for noisy, layer in batch[1]:
            x = F.dropout(layer(x), 0.3) if noisy else layer(x)
        return x
