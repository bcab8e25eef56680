import torch
import torch.nn.functional as F
from torch import nn


def attend(x, p=0.5):
    return F.scaled_dot_product_attention(x, x, x, dropout_p=p)


class Net(nn.Module):
    def forward(self, x):
        return attend(x[None])[0]
