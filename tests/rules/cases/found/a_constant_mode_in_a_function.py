import torch
import torch.nn.functional as F
from torch import nn

def hard(x):
    return F.dropout(x, 0.5, training=True)  # expect: DRP003

def by_a_name(x, p):
    on = True
    return F.dropout(x, p, on)  # expect: DRP003

def attend(q, k, v, dropout_p=0.0):
    weight = torch.softmax(q @ k.T, -1)
    return torch.dropout(weight, dropout_p, train=True) @ v  # expect: DRP003

def followed(q, k, v, dropout_p=0.0):
    return torch.dropout(torch.softmax(q @ k.T, -1), dropout_p, train=True) @ v

def told(x, training):
    if training:
        x = F.dropout(x, 0.5, training=True)
    return x

def nobody_calls(x):
    return F.dropout(x, 0.5, training=True)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5

    def forward(self, x):
        x = told(by_a_name(hard(x), self.p), self.training)
        x = followed(x, x, x, self.p if self.training else 0.0)
        return attend(x, x, x, self.p)
