import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        options = {}
        options["p"] = 0.5 if self.training else 0.0
        x = F.dropout(x, options["p"])
        return F.dropout(x, {True: 0.5, False: 0.0}[self.training])
