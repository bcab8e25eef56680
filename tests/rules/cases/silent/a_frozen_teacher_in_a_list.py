import torch
import torch.nn.functional as F
from torch import nn

class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(x)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        teacher = Teacher()
        teacher.eval()
        self.teacher = [teacher]

    def forward(self, x):
        return self.teacher[0](x)
