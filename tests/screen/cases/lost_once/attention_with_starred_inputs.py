
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        qkv = (x, x, x)
        return F.scaled_dot_product_attention(*qkv, dropout_p=0.1)
