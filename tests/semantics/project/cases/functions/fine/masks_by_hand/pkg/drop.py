import torch


def drop_path(x, drop_prob: float = 0.0, training: bool = False):
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
    return x * (torch.rand(x.shape[0], 1) > p)


def drop_nobody_calls(x, p):
    return x * (torch.rand(x.shape[0], 1) > p)


def drop_columns(x, p):
    return x * (torch.rand(x.shape[1]) > p)


class Dataset:
    def __getitem__(self, at):
        return drop_columns(self.rows[at], 0.5)
