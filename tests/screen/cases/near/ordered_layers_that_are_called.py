
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return dict([("drop", nn.Dropout(0.5)(x))])
