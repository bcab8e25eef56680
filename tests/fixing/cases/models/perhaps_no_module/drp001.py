import sys, types

stub = types.ModuleType("mylib")


class Transform:
    def __call__(self, x):
        return self.forward(x)


stub.Transform = Transform
sys.modules["mylib"] = stub
import torch
import torch.nn.functional as F
from mylib import Transform


class Corrupt(Transform):
    def forward(self, x):
        return F.dropout(x, 0.5)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.corrupt = Corrupt()

    def forward(self, x):
        return self.corrupt(x) if self.training else x
