import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        one = nn.Dropout(0.5)
        other = one
        other.eval()
        two = nn.Dropout(0.5)
        setattr(two, "training", self.training)
        self.three = nn.Dropout(0.5)
        self.train(self.training)
        return self.three(two(one(x)))
