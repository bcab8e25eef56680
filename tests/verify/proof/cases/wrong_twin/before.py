"""The module drops whole channels where the function dropped single values."""
# refuted by: 5, 6, 7, 13

class Net(nn.Module):
    def __init__(self, p=0.4):
        super().__init__()
        self.p = p
        self.fc1 = nn.Linear(6, 8)
        self.fc2 = nn.Linear(8, 3)

    def forward(self, x):
        x = self.fc1(x)
        x = F.dropout(x[None], self.p)[0]
        return self.fc2(x)
