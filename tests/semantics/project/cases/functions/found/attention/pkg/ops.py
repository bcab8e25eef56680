import torch.nn.functional as F
from torch import nn


def attend(q, p=0.1):
    return F.scaled_dot_product_attention(q, q, q, dropout_p=p)  # expect: DRP002
