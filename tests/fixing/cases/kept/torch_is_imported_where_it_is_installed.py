try:
    import torch
    from torch import nn
    import torch.nn.functional as F
except ImportError:
    torch = None


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5)
