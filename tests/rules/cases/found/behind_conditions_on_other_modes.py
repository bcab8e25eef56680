import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self, test_mode=False):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.test_mode = test_mode

    def forward(self, x, is_train=False, mode="train"):
        assert isinstance(is_train, bool)
        if self.fc.training:
            x = x + 1
        if self.test_mode:
            x = x.detach()
        else:
            x = x + 0
        while is_train and x is None:
            x = x + 2
        match mode:
            case "train":
                x = x + 1
            case _:
                x = x + 2
        return F.dropout(x, 0.5)  # expect: DRP001
