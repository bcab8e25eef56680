import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x, use=True):
        if all([self.training, use]):
            x = F.dropout(x, 0.5)
        return F.dropout(x, round(0.5 * self.training**2, 2))
