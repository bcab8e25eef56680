import torch
from torch import nn


def drop_path(x, drop_prob=0.0, training=False):
    if drop_prob == 0.0 or not training:
        return x
    keep_prob = 1 - drop_prob
    mask = keep_prob + torch.rand((x.shape[0],) + (1,) * (x.ndim - 1), device=x.device)
    return x.div(keep_prob) * mask.floor()


def random_drop(logits, temperature):
    return logits / temperature + torch.rand_like(logits)


class DropPath(nn.Module):
    def __init__(self, drop_prob=0.0):
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x):
        x = x + drop_path(x, self.drop_prob, training=self.training)
        return drop_path(x, self.drop_prob, self.training)


class Layers(nn.Module):
    def forward(self, x, output_states=False):
        states = []
        for layer in self.layers:
            if self.training and torch.rand([]) < self.layerdrop:
                continue
            x = layer(x)
            if output_states:
                states.append(x)
        return x, states
