from __future__ import annotations
from typing import TYPE_CHECKING
import torch
import torch.nn.functional as F

if TYPE_CHECKING:
    from torch import nn


class Net(torch.nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5)
