class Net(nn.Module):
    def __init__(self, p=0.4):
        super().__init__()
        self.p = p
        self.fc1 = nn.Linear(6, 8)
        self.fc2 = nn.Linear(8, 3)
        self.norm = nn.BatchNorm1d(8)
        self.drop = nn.Dropout(self.p)

    def forward(self, x):
        x = self.fc1(x)
        x = self.drop(x)
        y = self.norm(x)
        x = self.norm(x)
        return self.fc2(x)
