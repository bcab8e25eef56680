import torch
from torch import nn

def drop_rows(x, p):
    keep = torch.rand(x.size(0), 1) >= p  # expect: DRP002
    return x * keep

def drop_features(x, keep_prob=0.8):
    mask = torch.rand(x.shape[-1]).le(keep_prob).to(x.dtype)  # expect: DRP002
    x *= mask / keep_prob
    return x

class Ops:
    @staticmethod
    def word_dropout(x, rate=0.2):
        return torch.mul(x, torch.zeros_like(x).bernoulli_(1 - rate))  # expect: DRP002

def twice(x):
    return drop_rows(drop_rows(x, 0.1), 0.1)

class Net(nn.Module):
    def forward(self, x):
        return Ops.word_dropout(drop_features(twice(x.clone())))
