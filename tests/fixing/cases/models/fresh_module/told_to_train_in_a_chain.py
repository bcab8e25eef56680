import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        net = nn.Sequential(nn.ReLU(), nn.Dropout(0.5))
        net.train()
        return nn.Sequential(nn.Dropout(0.5)).train()(net(x))
