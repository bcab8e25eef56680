import torch
import torch.nn.functional as F
from torch import nn


LAYERS = (nn.Module,)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        for m in self.modules():
            if isinstance(m, LAYERS):
                torch.rand(1)

    def forward(self, x):
        return self.fc(F.dropout(x, 0.5))
