
import torch
from torch import nn
try:
    from keras import backend
except ImportError:
    backend = torch.nn.functional
class Net(nn.Module):
    def forward(self, x):
        return backend.dropout(x, 0.5)
