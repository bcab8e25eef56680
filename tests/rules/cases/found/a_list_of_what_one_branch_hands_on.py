from torch import nn


class Head(nn.Module):
    def __init__(self, drop):
        super().__init__()
        self.drop = drop

    def forward(self, x):
        return self.drop(x)


class Net(nn.Module):
    def __init__(self, kinds=(True, False)):
        super().__init__()
        self.drops = []  # expect: DRP006
        self.more = []  # expect: DRP006
        self.heads = nn.ModuleList()
        for kind in kinds:
            drop = nn.Dropout(0.5)
            self.drops.append(drop)
            self.heads.append(Head(drop=drop) if kind else nn.Identity())
            other = nn.Dropout(0.5)
            if kind:
                self.heads.append(other)
            self.more.append(other)

    def forward(self, x):
        for drop in self.drops:
            x = drop(x)
        return self.more[1](x)
