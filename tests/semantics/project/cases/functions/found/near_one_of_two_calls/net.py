import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def attend(self, x, training=True):
        return F.dropout(x, 0.1, training)

    def encode(self, x):
        return self.attend(x, self.training)

    def forward(self, x):
        return self.attend(x)  # expect: DRP001
