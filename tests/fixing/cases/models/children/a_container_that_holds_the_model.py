import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def sizes(self):
        around = nn.Sequential(self)
        return [len(list(m.children())) for m in around.children()]

    def forward(self, x):
        return self.fc(F.dropout(x, 0.5)), self.sizes()
