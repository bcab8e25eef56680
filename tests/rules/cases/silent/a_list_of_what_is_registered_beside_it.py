from torch import nn


class Net(nn.Module):
    def __init__(self, kinds=(True, False)):
        super().__init__()
        self.drops, self.others = [], []
        self.frozen = [nn.Dropout(0.5).to("cpu").eval(), nn.Dropout(0.5).train(False)]
        self.heads = nn.ModuleList()
        for kind in kinds:
            drop = nn.Dropout(0.5)
            if kind:
                self.heads.append(drop)
            else:
                self.last = drop
            self.drops.append(drop)
            other = nn.Dropout(0.5)
            if kind:
                self.heads.append(other)
                self.others.append(other)

    def forward(self, x):
        for drop in (*self.drops, *self.others):
            x = drop(x)
        return self.frozen[0](x)
