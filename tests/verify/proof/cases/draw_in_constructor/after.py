class Net(nn.Module):
    def __init__(self, p=0.4):
        super().__init__()
        self.p = p
        self.fc1 = nn.Linear(6, 8)
        self.fc2 = nn.Linear(8, 3)
        self.drop = nn.Dropout(self.p)
        self.scale = torch.rand(1)

    def forward(self, x):
        x = self.fc1(x)
        x = self.drop(x)
        return self.fc2(x)
