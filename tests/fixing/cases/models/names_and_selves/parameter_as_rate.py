import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.Parameter(torch.tensor(0.5), requires_grad=False)

    def forward(self, x):
        return F.dropout(x, self.p)
