import torch
import torch.nn.functional as F
from torch import nn

def drop(x):
    return F.dropout(x, 0.1)

def augment(batch):
    return drop(batch)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(x)
