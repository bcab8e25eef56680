
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        # sizes: see def __init__
        return nn.Dropout(0.5)(x) + 1
