import torch.nn.functional as F
from torch import nn


class Ops:
    @staticmethod
    def drop(x, p):
        return F.dropout(x, p)  # expect: DRP002
