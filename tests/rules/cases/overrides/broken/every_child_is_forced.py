# `eval()` leaves `body` and `head` training
from torch import nn


class Net(nn.Module):
    def __init__(self, option=False, norm_eval=True, sizes=(4, 2)):
        super().__init__()
        self.option = option
        self.norm_eval = norm_eval
        self.sizes = sizes
        self.body = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))
        self.head = nn.Sequential(nn.Linear(4, 2), nn.Dropout(0.5))
        self.calls = []

    def forward(self, x):
        return self.head(self.body(x))

    def train(self, mode=True):
        super().train(True)
        self.training = mode
        return self
