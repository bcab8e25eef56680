"""A layer does not learn any more."""
# refuted by: 2, 7, 8

class Net(nn.Module):
    def __init__(self, p=0.4):
        super().__init__()
        self.p = p
        self.fc1 = nn.Linear(6, 8)
        self.fc2 = nn.Linear(8, 3)

    def forward(self, x):
        x = self.fc1(x)
        x = F.dropout(x, self.p)
        return self.fc2(x)
