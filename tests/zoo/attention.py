"""Attention and recurrent layers: dropout that is an argument of something larger."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import rnn

from zoo.kit import SEQUENCE, Expected, case


@case("random", Expected("F.scaled_dot_product_attention", p=0.2), inputs=(SEQUENCE,))
class AttentionUngated(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.scaled_dot_product_attention(x, x, x, dropout_p=0.2)  # random: AttentionUngated


@case(
    "deterministic",
    inputs=(SEQUENCE,),
    drawn=(("F.scaled_dot_product_attention", ""),),
    spread=None,
)
class AttentionGated(nn.Module):
    def forward(self, x: Any) -> Any:
        p = 0.2 if self.training else 0.0
        return F.scaled_dot_product_attention(x, x, x, dropout_p=p)


@case("deterministic", inputs=(SEQUENCE,), spread=None, silent=())
class AttentionWithoutDropout(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.scaled_dot_product_attention(x, x, x)


@case(
    "deterministic",
    inputs=(SEQUENCE,),
    drawn=(("nn.MultiheadAttention", "attn"),),
    spread=None,
)
class Multihead(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(4, 2, dropout=0.1, batch_first=True)

    def forward(self, x: Any) -> Any:
        return self.attn(x, x, x, need_weights=False)[0]


@case(
    "random",
    Expected("nn.MultiheadAttention", p=0.1, module="attn"),
    inputs=(SEQUENCE,),
    stuck=(),
)
class MultiheadTurnedOn(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(4, 2, dropout=0.1, batch_first=True)

    def forward(self, x: Any) -> Any:
        training, self.attn.training = self.attn.training, True
        y = self.attn(x, x, x)[0]  # random: MultiheadTurnedOn
        self.attn.training = training
        return y


@case(
    "deterministic",
    inputs=(SEQUENCE,),
    spread=None,
    drawn=(
        ("nn.MultiheadAttention", "layers.0.self_attn"),
        ("nn.Dropout", "layers.0.dropout"),
        ("nn.Dropout", "layers.0.dropout1"),
        ("nn.Dropout", "layers.0.dropout2"),
    ),
)
def Encoder() -> nn.Module:
    layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.1, batch_first=True)
    return nn.TransformerEncoder(layer, 1)


@case("random", Expected("nn.LSTM", p=0.3, module="rnn"), inputs=(SEQUENCE,))
class LstmTurnedOn(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(4, 5, num_layers=2, dropout=0.3, batch_first=True)

    def forward(self, x: Any) -> Any:
        self.rnn.training = True
        y = self.rnn(x)[0]  # random: LstmTurnedOn
        self.rnn.training = self.training
        return y


@case("deterministic", inputs=(SEQUENCE,), drawn=(("nn.GRU", ""),), spread=None)
def CleanGru() -> nn.Module:
    return nn.GRU(4, 5, num_layers=2, dropout=0.3)


@case("deterministic", inputs=(SEQUENCE,), spread=None, silent=(("nn.LSTM", "rnn"),))
class LstmOfOneLayer(nn.Module):
    """torch warns that this dropout does nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(4, 5)
        self.rnn.dropout = 0.3

    def forward(self, x: Any) -> Any:
        self.rnn.train()
        y = self.rnn(x)[0]
        self.rnn.train(self.training)
        return y


@case("random", Expected("nn.GRU", p=0.4, module="rnn"), inputs=(SEQUENCE,), spread="out.data")
class PackedGru(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(4, 5, num_layers=2, dropout=0.4, batch_first=True)

    def forward(self, x: Any) -> Any:
        packed = rnn.pack_padded_sequence(x, torch.tensor([3, 2]), batch_first=True)
        self.rnn.training = True
        out, _ = self.rnn(packed)  # random: PackedGru
        self.rnn.training = self.training
        return out


@case("random", Expected("F.dropout", p=0.5), inputs=(SEQUENCE,))
class AttentionByHand(nn.Module):
    def forward(self, x: Any) -> Any:
        weights = torch.softmax(x @ x.transpose(1, 2), -1)
        return F.dropout(weights, 0.5) @ x  # random: AttentionByHand
