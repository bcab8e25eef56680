"""What a Sequential registers is part of its forward pass: the module drops twice."""

REFUTED_BY = (5, 6, 7, 13)

BEFORE = """
class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(6, 8), nn.ReLU())

    def forward(self, x):
        return F.dropout(super().forward(x), 0.5)
"""

AFTER = """
class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(6, 8), nn.ReLU())
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(super().forward(x))
"""
