import torch
import torch.nn.functional as F
from torch import nn

def hook(module, inputs, output):
    return F.dropout(output, 0.5)  # expect: DRP002

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.fc.register_forward_hook(hook)

    def forward(self, x):
        return self.fc(x)
