"""Draws that are no dropout, each in a function of its own."""

import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def random_masking(x, ratio):
    noise = torch.rand(x.shape[0])
    return x * (noise > ratio).float()[:, None]


def kept_tokens(x, keep_ratio):
    order = torch.rand(x.shape[:2]).argsort(dim=1)
    kept = order[:, : int(x.shape[1] * keep_ratio)]
    return torch.gather(x, 1, kept[..., None].expand(-1, -1, x.shape[-1]))


def sample_tokens(probs):
    return torch.bernoulli(probs)


def keep_best(x, scores):
    return x * torch.bernoulli(scores.sigmoid())


def keep_by_tensor(x, p: torch.Tensor):
    return x * torch.bernoulli(p)


def add_noise(x, drop_strength):
    return x + drop_strength * torch.rand_like(x)


def swap(x, y, keep=0.5):
    chosen = torch.rand(x.shape[0], 1) < keep
    return torch.where(chosen, x, y)


def flip(x, p=0.5):
    return x.flip(0) if torch.rand(1) < p else x


def flip_early(x, p=0.5):
    if random.random() < p:
        return x
    return x.flip(0)


def kept_mask(x, p):
    return torch.rand_like(x) > p


def mask_tokens(x, mask_id, p=0.15):
    chosen = torch.rand(x.shape) < p
    x[chosen] = mask_id
    return x


def with_token(x, token, drop=0.1):
    return torch.where(torch.rand(x.shape[0], 1) < drop, token, x)


def drop_some(x, p):
    dropped = x * (torch.rand_like(x) > p)
    print(dropped)
    return x


def initialise(weight, keep=0.1):
    weight *= torch.rand_like(weight) < keep


def diffuse(x, t, keep):
    return x * keep + torch.randn_like(x) * (1 - keep)


def gumbel(logits, tau=1.0):
    noise = -torch.log(-torch.log(torch.rand_like(logits)))
    return F.softmax((logits + noise) / tau, dim=-1)


def accept(x, keep_rate):
    while True:
        candidate = np.random.rand(*x.shape)
        if (candidate > keep_rate).any():
            return candidate


def corrupt(x, p, training=True):
    return x * (torch.rand_like(x) > p) if training else x


class RandomErase(nn.Module):
    def forward(self, image, p=0.5):
        return image * (torch.rand(image.shape) > p)


class Sampler(nn.Module):
    def forward(self, x, keep=0.5):
        return x * torch.bernoulli(torch.full_like(x, keep))
