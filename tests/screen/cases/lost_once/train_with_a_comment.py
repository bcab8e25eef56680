
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def train(self, mode=True  # a, b
              ):
        super().train(mode)
