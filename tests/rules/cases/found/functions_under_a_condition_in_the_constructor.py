from functools import partial

import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, dropout=0.5, use_dropout=True):
        super().__init__()
        self.first = partial(F.dropout, p=dropout) if dropout > 0 else nn.Identity()
        self.second = F.dropout if use_dropout else (lambda x: x)
        if dropout:
            self.third = partial(F.dropout, p=dropout)
        else:
            self.third = nn.Identity()
        self.fourth = use_dropout and F.dropout or nn.Identity()
        self.fifth = lambda x: F.dropout(x, p=dropout)  # expect: DRP001
        self.rate = dropout

        def sixth(x):
            return F.dropout(x, p=dropout) if use_dropout else x  # expect: DRP001

        self.sixth = sixth

    def forward(self, x):
        x = self.first(x)  # expect: DRP001
        x = self.second(x)  # expect: DRP001
        x = self.third(x)  # expect: DRP001
        x = self.fourth(x)  # expect: DRP001
        return self.sixth(self.fifth(x))
