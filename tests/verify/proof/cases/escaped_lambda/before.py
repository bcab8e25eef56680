"""A lambda that captures `self` is bound to the model that it was made in, also in a deep copy."""
# refuted by: 14

class Net(nn.Module):
    def __init__(self, p=0.4):
        super().__init__()
        self.p = p
        self.fc1 = nn.Linear(6, 8)
        self.fc2 = nn.Linear(8, 3)
        self.act = lambda x: F.dropout(torch.relu(x), p)

    def forward(self, x):
        x = self.fc1(x)
        x = self.act(x)
        return self.fc2(x)
