import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        net = nn.Sequential(nn.ReLU(), nn.Dropout(0.5))  # expect: DRP005
        x = net.to(x.device)(x)
        x = nn.Sequential(nn.Sequential(nn.Dropout(0.5)), nn.ReLU()).forward(x)  # expect: DRP005
        other = nn.Sequential(nn.ReLU(), nn.Dropout(0.5))
        other.train(self.training)
        x = nn.Sequential(nn.ReLU(), nn.Dropout(0.5)).eval()(x)
        self.net = nn.Sequential(nn.ReLU(), nn.Dropout(0.5)) if self.training else nn.Identity()
        return other(self.net(x))
