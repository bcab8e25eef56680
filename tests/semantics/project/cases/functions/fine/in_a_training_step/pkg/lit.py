from .ops import drop_add
import torch.nn.functional as F
from torch import nn


class Lit(nn.Module):
    def training_step(self, x):
        return drop_add(x, x)
