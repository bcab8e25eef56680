"""What a Sequential registers is part of its forward pass: the module drops twice."""
# refuted by: 5, 6, 7, 13

class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(6, 8), nn.ReLU())

    def forward(self, x):
        return F.dropout(super().forward(x), 0.5)
