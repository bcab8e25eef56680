import torch.nn.functional as F
from torch import nn

drop = lambda x, p=0.5: F.dropout(x, p)
gated = lambda x, training: F.dropout(x, 0.5, training)


def patch(model):
    def forward(self, x):
        return F.dropout(gated(x, self.training), 0.5)  # expect: DRP001

    model.forward = forward.__get__(model)
    return model


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.child = patch(nn.Identity())

    def forward(self, x):
        x = drop(x)  # expect: DRP001
        x = drop(x, 0.0)
        return self.child(gated(x, self.training))
