import torch
import torch.nn.functional as F
from torch import nn


class Schedule(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5

    def step(self):
        self.p *= 0.2


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.schedule = Schedule()

    def forward(self, x):
        return F.dropout(x, self.schedule.p)


def drive(m, x):
    m.schedule.step()
    return m(x)
