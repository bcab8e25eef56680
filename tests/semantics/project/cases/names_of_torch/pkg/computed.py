import torch
from torch import nn
import torch.nn.functional as F
__all__ = [n for n in dir() if n[0] != '_']
