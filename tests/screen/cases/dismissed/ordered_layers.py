
import torch
import torch.nn.functional as F
from torch import nn

from collections import OrderedDict
class Net(nn.Module):
    def reset(self, p):
        self.head = nn.Sequential(OrderedDict([("drop", nn.Dropout(p)), ("fc", nn.Linear(8, 8))]))
    def forward(self, x):
        return self.head(x)
