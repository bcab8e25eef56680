import sys, types

stub = types.ModuleType("mylib")


class Op:
    def __call__(self, x):
        return self.forward(x)


stub.Op = Op
sys.modules["mylib"] = stub
import torch
import torch.nn.functional as F
from mylib import Op


class Attend(Op):
    def forward(self, x):
        return F.scaled_dot_product_attention(x, x, x, dropout_p=0.5)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.attend = Attend()

    def forward(self, x):
        return self.attend(x[None, None]) if self.training else x
