import copy

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5))

    def forward(self, x):
        return self.body(x)


class Net(nn.Module):
    def __init__(self, device="cpu"):
        super().__init__()
        self.blocks = [Block().to(device) for _ in range(2)]  # expect: DRP006
        self.drops = (nn.Dropout(0.5).float(), copy.deepcopy(nn.Dropout(0.5)))  # expect: DRP006
        self.named = {"a": nn.Sequential(nn.Dropout(0.5)).to(device).train()}  # expect: DRP006
        self.rows = [[nn.Dropout(0.5) for _ in range(2)] for _ in range(2)]  # expect: DRP006
        self.tables = [nn.ModuleDict({"a": nn.Dropout(0.5)}).to(device)]  # expect: DRP006

    def forward(self, x):
        for drop in self.drops:
            x = drop(self.blocks[0](x))
        return self.tables[0]["a"](self.rows[0][0](self.named["a"](x)))
