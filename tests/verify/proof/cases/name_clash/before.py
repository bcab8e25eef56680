"""The attribute was the rate, and somebody else computes with it."""
# refuted by: 5

class Net(nn.Module):
    def __init__(self, p=0.4):
        super().__init__()
        self.p = p
        self.fc1 = nn.Linear(6, 8)
        self.fc2 = nn.Linear(8, 3)
        self.drop = p

    def forward(self, x):
        x = self.fc1(x)
        x = F.dropout(x, self.drop)
        x = x * (1 - self.drop)
        return self.fc2(x)
