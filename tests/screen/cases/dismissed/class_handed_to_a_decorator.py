
import torch
import torch.nn.functional as F
from torch import nn

@register(nn.Dropout)
def infer(node):
    return node
