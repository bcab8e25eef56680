import torch


def drop_path(x, drop_prob: float = 0.0, training: bool = True):
    if drop_prob == 0.0 or not training:
        return x
    keep_prob = 1 - drop_prob
    mask = keep_prob + torch.rand((x.shape[0],) + (1,) * (x.ndim - 1), device=x.device)
    mask.floor_()
    return x.div(keep_prob) * mask


def stochastic_depth(x, p, mode="row", training=True):
    noise = torch.empty(x.shape[0], 1).bernoulli_(1 - p)
    return x * noise if training else x


def drop_rows(x, p):
    return x * (torch.rand(x.shape[0], 1) > p)  # expect: DRP002


def dropped_twice(x, p):
    return drop_path(drop_path(x, p, training=True), p, training=True)  # expect: DRP003, DRP003
