import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        rates = [0.1]
        rates.append(0.5)
        for p in [q * self.training for q in rates]:
            x = F.dropout(x, p)
        for p in rates if self.training else []:
            x = F.dropout(x, p)
        return x
