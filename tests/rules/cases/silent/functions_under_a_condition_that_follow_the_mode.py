from functools import partial

import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, dropout=0.5, training=False):
        super().__init__()
        self.first = partial(F.dropout, p=0.0) if dropout else nn.Identity()
        self.second = partial(F.dropout, p=dropout, training=False) if dropout else nn.Identity()
        self.third = nn.Dropout(dropout) if dropout else partial(F.dropout, training=False)
        self.fourth = lambda x: F.dropout(x, dropout, training=self.training)
        self.fifth = lambda x: F.dropout(x, dropout) if self.training else x
        self.sixth = partial(F.dropout, p=dropout) if dropout else partial(F.dropout, p=0.1)
        self.seventh = partial(F.dropout, p=dropout) if training else nn.Identity()
        self.eighth = lambda x: F.dropout(x, dropout, training=training)

    def forward(self, x):
        x = self.fifth(self.fourth(self.third(self.second(self.first(x)))))
        x = self.sixth(x, training=self.training)
        return self.eighth(self.seventh(x))
