"""The result of dropout is changed in place; with dropout off it is the very tensor that is read
again below, so that the output changes."""
# refuted by: 12

class Net(nn.Module):
    def __init__(self, p=0.4):
        super().__init__()
        self.p = p
        self.fc1 = nn.Linear(6, 8)
        self.fc2 = nn.Linear(8, 3)

    def forward(self, x):
        x = self.fc1(x)
        h = F.dropout(x, self.p)
        h += 1
        x = h * x
        return self.fc2(x)
