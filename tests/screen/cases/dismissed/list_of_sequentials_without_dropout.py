
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.heads = [nn.Sequential(nn.Linear(8, 8)), nn.Sequential()]
    def forward(self, x):
        return self.drop(x)
