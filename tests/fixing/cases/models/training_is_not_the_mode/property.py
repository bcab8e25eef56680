import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    training = property(lambda self: False, lambda self, value: None)

    def forward(self, x):
        return self.fc(F.dropout(x, 0.5))
