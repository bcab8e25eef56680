"""The result of dropout is changed in place; with dropout off it is the tensor of the caller."""

REFUTED_BY = (11,)

BEFORE = """
class Net(nn.Module):
    def forward(self, x):
        h = F.dropout(x, 0.5)
        h += 1
        return h
"""

AFTER = """
class Net(nn.Module):
    def forward(self, x):
        h = F.dropout(x, 0.5, training=self.training)
        h += 1
        return h
"""
