import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        match (self.training, x.dim()):
            case (True, 2):
                return F.dropout(x, 0.5)
        return x
