"""The norm is asked twice, so that its statistics move twice."""
# refuted by: 8

class Net(nn.Module):
    def __init__(self, p=0.4):
        super().__init__()
        self.p = p
        self.fc1 = nn.Linear(6, 8)
        self.fc2 = nn.Linear(8, 3)
        self.norm = nn.BatchNorm1d(8)

    def forward(self, x):
        x = self.fc1(x)
        x = F.dropout(x, self.p)
        x = self.norm(x)
        return self.fc2(x)
