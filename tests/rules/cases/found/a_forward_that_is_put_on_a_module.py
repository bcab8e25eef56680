import types

import torch.nn.functional as F
from torch import nn


def forward(self, x):
    x = F.dropout(self.fc(x), 0.5)  # expect: DRP001
    return F.dropout(x, 0.5, training=self.training)


def forward_of_child(self, x):
    return F.dropout(x, 0.5)  # expect: DRP001


def forward_of_sibling(self, x):
    rate = 0.5 if self.training else 0.0
    return F.dropout(x, rate) + F.dropout(x, 0.5, training=True)  # expect: DRP003


def forward_of_other(self, x):
    return F.dropout(x, 0.5)  # expect: DRP001


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.child, self.sibling, self.other = nn.Identity(), nn.Identity(), nn.Identity()
        self.child.forward = types.MethodType(forward_of_child, self.child)
        setattr(self.sibling, "forward", forward_of_sibling.__get__(self.sibling))
        setattr(Other, "forward", forward_of_other)
        self.other = Other()

    def forward(self, x):
        return x


class Other(nn.Module):
    pass



Net.run = forward
Net.forward = lambda self, x: self.other(self.sibling(self.child(self.run(x))))
