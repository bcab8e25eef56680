"""Masks by which a function drops from what it gets."""

import random

import numpy as np
import torch
import torch.nn.functional as F
from numpy.random import binomial
from torch import bernoulli, nn
from torch.distributions.bernoulli import Bernoulli


def drop_path(x, p):
    keep = 1 - p
    random_tensor = keep + torch.rand((x.shape[0],) + (1,) * (x.ndim - 1))  # drops
    random_tensor.floor_()
    return x.div(keep) * random_tensor


def called_floor(x, drop):
    mask = torch.floor(torch.rand(x.size(0), 1) + (1.0 - drop))  # drops
    return torch.mul(x / (1.0 - drop), mask)


def in_place(x, drop):
    mask = torch.rand(x.size(0), 1).add_(1 - drop).floor_()  # drops
    return x.mul_(mask)


def filled(x, dropout):
    return x.masked_fill(torch.rand_like(x) < dropout, 0)  # drops


def negated(x, keep):
    gone = ~(torch.rand(x.shape) < keep)  # drops
    x[gone] = 0.0
    return x


def locked(x, dropout=0.5):
    m = x.data.new(1, x.size(1), x.size(2)).bernoulli_(1 - dropout)  # drops
    mask = m.requires_grad_(False) / (1 - dropout)
    mask = mask.expand_as(x)
    return mask * x


def drop_edges(edge_index, p):
    mask = torch.rand(edge_index.size(1)) >= p  # drops
    return edge_index[:, mask], mask


def drop_selected(x, p):
    return torch.masked_select(x, torch.empty_like(x).uniform_() > p)  # drops


def drop_numpy(x, p):
    keep = binomial(1, 1 - p, size=x.shape)  # drops
    return x * torch.as_tensor(keep)


def drop_by_choice(x, p):
    return torch.where(torch.tensor(np.random.rand(*x.shape) > p), x, 0.0)  # drops


def drop_distribution(x, drop_prob):
    coins = Bernoulli(probs=1 - drop_prob)
    return x * coins.sample(x.shape)  # drops


def drop_ones(x, rate):
    return x * bernoulli(torch.ones_like(x) * (1 - rate))  # drops


def drop_by_method(x, drop: float):
    return x * torch.full(x.shape, 1 - drop).bernoulli()  # drops


def drop_block(x, drop_prob, block_size=7):
    h, w = x.shape[-2:]
    gamma = drop_prob * h * w / block_size**2 / ((h - block_size + 1) * (w - block_size + 1))
    seeds = (torch.rand(x.shape[0], *x.shape[2:]) < gamma).float()  # drops
    holes = F.max_pool2d(seeds[:, None], (block_size, block_size), (1, 1), block_size // 2)
    keep = 1 - holes.squeeze(1)
    out = x * keep[:, None, :, :]
    return out * keep.numel() / keep.sum()


def skip(x, layers, layerdrop):
    for layer in layers:
        if random.random() < layerdrop:  # drops
            continue
        x = layer(x)
    return x


def skip_by_name(x, layer, p):
    dropout_probability = torch.rand([])  # drops
    return x if dropout_probability < p else layer(x)


def with_a_mode(x, p, training):
    return x * (torch.rand_like(x) > p) if training else x  # drops


def zoneout(new, old, prob):
    return new * torch.empty_like(new).bernoulli_(prob)  # drops


class Edges:
    @staticmethod
    def dropped(x, config):
        return x * (torch.rand(x.shape) > config.drop_rate)  # drops


class DropConnect(nn.Module):
    def forward(self, x):
        mask = torch.rand_like(self.weight) < self.keep  # drops
        return F.linear(x, self.weight * mask)
