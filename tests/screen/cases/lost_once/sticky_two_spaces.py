
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        if not self.training:
            self.drop =  0
        return F.dropout(x, self.drop, self.training)
