import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

def drop_path(x, drop_prob: float = 0.0, training: bool = True, scale_by_keep: bool = True):
    if drop_prob == 0.0 or not training:
        return x
    keep_prob = 1 - drop_prob
    shape = (x.shape[0],) + (1,) * (x.ndim - 1)
    random_tensor = x.new_empty(shape).bernoulli_(keep_prob)
    if keep_prob > 0.0 and scale_by_keep:
        random_tensor.div_(keep_prob)
    return x * random_tensor

def rounded_down(x, p=0.5, deterministic=False):
    if not deterministic:
        keep = 1 - p
        noise = keep + torch.rand(x.shape[0], 1, dtype=x.dtype)
        noise.floor_()
        x = x.div(keep) * noise
    return x

def survive(x, survival, training):
    mask = torch.bernoulli(torch.full((x.size(0), 1), survival, device=x.device))
    return torch.where(mask.bool(), x / survival, torch.zeros_like(x)) if training else x

def uniform(x, p, training=True):
    if training and p > 0:
        keep = torch.empty_like(x).uniform_() > p
        x = x * keep / (1 - p)
    return x

def filled(x, p, training=True):
    return x.masked_fill(torch.rand_like(x) < p, 0.0) if training else x

def columns(x, *, drop_rate, train=True):
    if train:
        x = x.clone()
        dropped = torch.rand(x.shape[1]) < drop_rate
        x[:, dropped] = 0
    return x

def from_numpy(x, p, training=True):
    if not training:
        return x
    keep = np.random.binomial(1, 1 - p, size=tuple(x.shape))
    return x * torch.from_numpy(keep).float()

def distributed(x, p, training=True):
    if not training:
        return x
    coins = torch.distributions.Bernoulli(1 - p)
    return x * coins.sample(x.shape)

def blocks(x, drop_prob=0.1, block_size=3, training=True):
    if not training:
        return x
    gamma = drop_prob / block_size**2
    seeds = (torch.rand(x.shape[0], 1, *x.shape[1:]) < gamma).float()
    holes = F.max_pool2d(seeds, (1, block_size), 1, padding=(0, block_size // 2))
    return x * (1 - holes).squeeze(1)

def maybe(layer, x, layerdrop, training=True):
    if training and random.random() < layerdrop:
        return x
    return x + layer(x)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        x = drop_path(x, self.p)  # expect: DRP001
        x = drop_path(x, self.p, True)  # expect: DRP003
        x = rounded_down(x)  # expect: DRP001
        x = survive(x, 1 - self.p, training=True)  # expect: DRP003
        x = uniform(x, self.p)  # expect: DRP001
        x = filled(x, self.p)  # expect: DRP001
        x = columns(x, drop_rate=self.p)  # expect: DRP001
        x = from_numpy(x, self.p)  # expect: DRP001
        x = distributed(x, self.p)  # expect: DRP001
        x = blocks(x)  # expect: DRP001
        return maybe(self.fc, x, self.p, training=True)  # expect: DRP003
