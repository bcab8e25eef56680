import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p, self.fc = p, nn.Linear(8, 8)
        for m in self.modules():
            if isinstance(m, (nn.Conv1d, nn.Linear)):
                nn.init.ones_(m.weight)

    def forward(self, x):
        return self.fc(F.dropout(x, self.p))
