import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def attend(self, x, training=True):
        return F.dropout(x, 0.1, training)

    def forward(self, x, training=True):
        return self.attend(x, training)
