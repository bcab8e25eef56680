import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p, self.fc = p, nn.Linear(8, 8)
        self.reset_parameters()

    def reset_parameters(self):
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.ones_(module.weight)

    def forward(self, x):
        if self.p > 0:
            x = F.dropout(x, self.p)
        return self.fc(x)
