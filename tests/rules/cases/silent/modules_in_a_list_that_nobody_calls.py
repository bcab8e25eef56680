import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drops = [nn.Dropout(0.5), nn.Dropout(0.1)]

    def forward(self, x):
        first, second = self.drops[0], self.drops[1]
        return x


class Other(nn.Module):
    def __init__(self):
        super().__init__()
        self.drops = nn.ModuleList([nn.Dropout(0.5)])

    def forward(self, x):
        return self.drops[0](x)
