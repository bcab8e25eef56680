import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        i = 0
        while i < 2:
            i += 1
        k = 0
        for _ in range(4):
            if k == 3:
                x = F.dropout(x, 0.5)  # expect: DRP001
            k = k + 1
        if k > 3:
            x = F.dropout(x, 0.5)  # expect: DRP001
        return F.dropout(x, 0.5)  # expect: DRP001
