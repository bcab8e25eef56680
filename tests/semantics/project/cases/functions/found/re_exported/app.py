from pkg import drop_add
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return drop_add(x, x)  # expect: DRP001
