"""The module form of a fix: `self.dropout = nn.Dropout(p)` in `__init__`, and its call."""
