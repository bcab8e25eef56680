"""The flag form of a fix: `F.dropout(x, p, training=self.training)`."""
