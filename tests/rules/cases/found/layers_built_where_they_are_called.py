from torch import nn


class Net(nn.Module):
    def forward(self, x):
        rows = x[None]
        rows = nn.MultiheadAttention(8, 2, dropout=0.5)(rows, rows, rows)[0]  # expect: DRP005
        layer = nn.TransformerEncoderLayer(8, 2, 16)  # expect: DRP005
        drop = nn.Dropout(0.5) if x.ndim > 1 else nn.Identity()  # expect: DRP005
        rows = nn.MultiheadAttention(8, 2)(rows, rows, rows)[0]
        other = nn.Dropout(0.5).eval() if x.ndim > 1 else nn.Identity()
        return other(drop(layer(rows)))[0]
