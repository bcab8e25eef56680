import torch.nn.functional as F
from torch import nn


class Ops:
    @staticmethod
    def drop(x, p):
        return F.dropout(x, p)


class Other:
    @staticmethod
    def drop(x, p):
        return x
