
from torch import nn
from torch.nn.functional import dropout \
    as drop
class Net(nn.Module):
    def forward(self, x):
        return drop(x, 0.5)
