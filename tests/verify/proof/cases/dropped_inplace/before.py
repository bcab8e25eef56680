"""The function changed its input in place, and the caller can see it; the module does not."""
# refuted by: 11

class Net(nn.Module):
    def __init__(self, p=0.4):
        super().__init__()
        self.p = p
        self.fc1 = nn.Linear(6, 8)
        self.fc2 = nn.Linear(8, 3)

    def forward(self, x):
        F.dropout(x, self.p, inplace=True)
        x = self.fc1(x)
        return self.fc2(x)
