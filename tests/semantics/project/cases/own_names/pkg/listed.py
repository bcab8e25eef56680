import torch
from torch import nn
import torch.nn.functional as F
__all__ = ['nn']
