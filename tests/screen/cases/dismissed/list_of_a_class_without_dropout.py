
import torch
import torch.nn.functional as F
from torch import nn

class Cache:
    def __init__(self):
        self.kept = 0
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.caches = []
        self.caches.append(Cache())
    def forward(self, x):
        return self.drop(x)
