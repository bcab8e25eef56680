
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        self.training = True
        return F.dropout(x, 0.5, training=self.training)
