import torch
import torch.nn.functional as F
from torch import nn

class Base(nn.Module):
    def is_on(self):
        return self.training

class Net(Base):
    def is_on(self):
        return True

    def forward(self, x):
        return F.dropout(x, 0.5) if super().is_on() else x
