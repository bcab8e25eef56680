import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        for p in (0.25, 0.5):
            x = nn.Dropout(
                p,  # a rate
            )(x)
            x = nn.AlphaDropout(p=p * 0.5)(x)
        return x
