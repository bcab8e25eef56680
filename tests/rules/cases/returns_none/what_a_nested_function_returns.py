import torch
import torch.nn.functional as F
from torch import nn
class Net(nn.Module):
    def train(self, mode=True):  # expect: DRP007
        super().train(mode)
        def count():
            return 1
        count()
