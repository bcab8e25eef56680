
import torch
import torch.nn.functional as F
from torch import nn

class Aug:
    def __init__(self):
        self.d = nn.Dropout(0.5)
    def __call__(self, x):
        return self.d(x)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.ds = [Aug()]
    def forward(self, x):
        return self.ds[0](x)
