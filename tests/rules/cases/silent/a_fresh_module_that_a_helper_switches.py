import torch
import torch.nn.functional as F
from torch import nn

def sync(module, on):
    module.train(on)

class Net(nn.Module):
    def forward(self, x):
        drop = nn.Dropout(0.5)
        sync(drop, self.training)
        return drop(x)
