
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    @classmethod
    def eval(cls, *args):
        return None
    @staticmethod
    def train(epochs):
        pass
    def forward(self, x):
        return x
