"""The result of dropout is changed in place; with dropout off it is the tensor of the caller."""
# refuted by: 11

class Net(nn.Module):
    def forward(self, x):
        h = F.dropout(x, 0.5)
        h += 1
        return h
