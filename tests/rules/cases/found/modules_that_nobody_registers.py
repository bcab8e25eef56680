import torch
import torch.nn.functional as F
from torch import nn

SHARED = nn.Dropout(0.5)  # expect: DRP006
KEPT = nn.Dropout(0.5)
TOLD = nn.Dropout(0.5)
IDLE = nn.Dropout(0.5)


class Net(nn.Module):
    mine = nn.Sequential(nn.Dropout(0.5))  # expect: DRP006
    own = nn.Dropout(0.5)

    def __init__(self):
        super().__init__()
        self.kept = KEPT
        self.own = nn.Dropout(0.5)

    def forward(self, x):
        TOLD.train(self.training)
        if self.training:
            x = IDLE(x)
        return self.own(TOLD(self.kept(SHARED(self.mine(x)))))
