class Net(nn.Module):
    def forward(self, x):
        h = F.dropout(x, 0.5, training=self.training)
        h += 1
        return h
