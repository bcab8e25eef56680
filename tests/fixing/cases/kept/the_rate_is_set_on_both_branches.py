import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, wide=True):
        super().__init__()
        if wide:
            self.p = 0.5
        else:
            self.p = 0.1
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        return self.fc(F.dropout(x, self.p))
