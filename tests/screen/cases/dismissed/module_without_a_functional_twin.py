
import torch
import torch.nn.functional as F
from torch import nn

CASES = []
def case(module, size):
    CASES.append((module, size))
case(nn.MultiheadAttention, 8)
class Net(nn.MultiheadAttention):
    def forward(self, x):
        layer = nn.TransformerEncoderLayer(8, 2)
        return super().forward(x, x, x)
