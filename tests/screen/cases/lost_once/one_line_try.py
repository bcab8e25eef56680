
from torch import nn
try: from torch.nn.functional import dropout
except ImportError: dropout = None
class Net(nn.Module):
    def forward(self, x):
        return dropout(x, 0.5)
