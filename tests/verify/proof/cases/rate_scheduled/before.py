"""The rate falls from step to step, and the module keeps the first one."""
# refuted by: 5, 7

class Net(nn.Module):
    def __init__(self, p=0.4):
        super().__init__()
        self.p = p
        self.fc1 = nn.Linear(6, 8)
        self.fc2 = nn.Linear(8, 3)

    def forward(self, x):
        x = self.fc1(x)
        x = F.dropout(x, self.p)
        self.p *= 0.5
        return self.fc2(x)
