import torch
import torch.nn.functional as F
from torch import nn


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.other = nn.Linear(8, 8)

    def forward(self, x):
        return F.dropout(self.fc(x), 0.5)


class Net(Base):
    def __init__(self):
        super(Base, self).__init__()
        self.fc = nn.Linear(8, 8)
