import torch
import torch.nn.functional as F
from torch import nn


class Base(nn.Module):
    def drop(self, x, training=True):
        return F.dropout(x, 0.5, training)

    def forward(self, x):
        return self.drop(x)


class Net(Base):
    def drop(self, x):
        return F.dropout(x, 0.5, self.training)
