
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(this):
        super().__init__()
        this.ds = [nn.Dropout(0.5)]
