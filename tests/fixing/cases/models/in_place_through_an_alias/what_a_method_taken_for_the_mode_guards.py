import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        if self.train:
            x = F.scaled_dot_product_attention(x, x, x)
        y = self.drop(x)
        y.view(-1).mul_(2)
        return x + y
