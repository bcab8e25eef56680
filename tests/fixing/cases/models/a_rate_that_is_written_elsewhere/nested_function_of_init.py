import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5
        self.fc = nn.Linear(8, 8)

        def warm(module, inputs):
            self.p = 0.1

        self.fc.register_forward_pre_hook(warm)

    def forward(self, x):
        return self.fc(F.dropout(x, self.p))
