
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.TransformerEncoderLayer(8, 2) for _ in range(2)]
    def forward(self, x):
        return self.layers[0](x)
