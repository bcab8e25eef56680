# train: on, eval: off
import functools
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def training_step(self, batch):
        return F.dropout(batch, 0.5)
