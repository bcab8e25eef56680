import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.norm = nn.BatchNorm1d(8)
        self.rnn = nn.LSTM(8, 8)

    def generate(self, x):
        was = self.training
        self.eval()
        x = self.drop(x)
        if was:
            self.train()
        return x

    def forward(self, x):
        return self.drop(x)
