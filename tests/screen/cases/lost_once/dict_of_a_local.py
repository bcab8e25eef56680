
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        d = nn.Dropout(0.5)
        self.ds = {"a": d}
    def forward(self, x):
        return self.ds["a"](x)
