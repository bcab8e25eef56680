import torch
import torch.nn.functional as F
from torch import nn


class Base(nn.Module):
    def __init__(self):
        super(Base, self).__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        return self.fc(F.dropout(x, 0.5))


class Middle(Base):
    pass


class Net(Middle):
    def __init__(self):
        Middle.__init__(self)
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        return self.head(super().forward(x))
