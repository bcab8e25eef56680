
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, q, k, v):
        return F.scaled_dot_product_attention(
            q,  # (B, H, L, D
            k, v, None, 0.1)
