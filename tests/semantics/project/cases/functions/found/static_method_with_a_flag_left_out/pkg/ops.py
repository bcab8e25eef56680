import torch.nn.functional as F
from torch import nn


class Ops:
    @staticmethod
    def drop_rows(x, p, training=True):
        return F.dropout(x, p, training)
