import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        self.fc = nn.Linear(8, 8)
        for m in self.modules():
            self.prepare(m)
        self.reset_parameters()

    def prepare(self, m):
        if isinstance(m, nn.Linear):
            nn.init.ones_(m.weight)
        elif hasattr(m, "bias"):
            nn.init.zeros_(m.bias)

    def reset_parameters(self):
        for layer in self.children():
            if hasattr(layer, "reset_parameters"):
                layer.reset_parameters()

    def forward(self, x):
        return F.dropout(self.fc(x), self.p)
