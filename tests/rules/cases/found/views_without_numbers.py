import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        out = [0, 0]
        out[0] = F.dropout(x, 0.5)  # expect: DRP001
        out[1] = F.dropout(x, 0.5)  # expect: DRP001
        self.a = F.dropout(x, 0.5)  # expect: DRP001
        self.b = F.dropout(x, 0.5)  # expect: DRP001
        return out[0] + out[1] + self.a + self.b
