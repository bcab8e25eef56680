import torch
import torch.nn.functional as F
from torch import nn

class Base(nn.Module):
    p = 0.0
    noisy = False

    def rate(self):
        return 0.5 if self.training else 0.0

    def forward(self, x):
        x = F.dropout(x, self.p)  # expect: DRP001
        if self.noisy:
            x = F.dropout(x, 0.5)  # expect: DRP001
        return F.dropout(x, self.rate())  # expect: DRP001

class Net(Base):
    p = 0.5
    noisy = True

    def rate(self):
        return 0.5
