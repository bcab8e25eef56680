import torch.nn.functional as F
from torch import nn


class Base(nn.Module):
    def attend(self, x, is_training=True):
        if is_training:
            x = F.dropout(x, 0.1)
        return x


class Net(Base):
    def forward(self, x):
        return self.attend(x) + super().attend(x, True)  # expect: DRP001, DRP003
