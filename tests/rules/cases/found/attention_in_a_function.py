import torch
import torch.nn.functional as F
from torch import nn

def attend(x, p):
    return F.scaled_dot_product_attention(x, x, x, dropout_p=p)  # expect: DRP002

class Net(nn.Module):
    def forward(self, x):
        return attend(x[None, None], 0.5)
