import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        for name in ("out", "in"):
            setattr(self, "drop" + name, nn.Linear(8, 8))

    def forward(self, x):
        return self.dropout(F.dropout(x, 0.5))
