import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.relu = nn.ReLU(True)

    def forward(self, x):
        return self.fc(self.relu(F.dropout(x, 0.5))) + x
