import torch
from torch import nn
import torch.nn.functional as F
for F in (1, 2):
    pass
