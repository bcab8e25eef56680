"""The encoder stays in eval mode while the rest trains: it dropped, and does not any more."""
# refuted by: 5, 6, 7, 13

class Encoder(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.fc = nn.Linear(6, 3)

    def train(self, mode=True):
        super().train(mode)
        self.encoder.eval()
        return self

    def forward(self, x):
        return self.fc(self.encoder(x))
