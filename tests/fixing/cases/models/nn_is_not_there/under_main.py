import torch
import torch.nn.functional as F


class Net(torch.nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5)


if __name__ == "__main__":
    from torch import nn

    print(nn.Linear(2, 2))
