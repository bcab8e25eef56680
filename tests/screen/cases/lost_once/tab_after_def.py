
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
    def	forward(self, x):
        d = nn.Dropout(0.5)
        return d(x)
