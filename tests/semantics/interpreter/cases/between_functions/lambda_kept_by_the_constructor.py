# train: on, eval: on
import functools
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = lambda x: F.dropout(x, 0.5)
