import torch.nn.functional as F

from .data import Data


def forward(self, x):
    return F.dropout(x, 0.5)


Data.forward = forward
