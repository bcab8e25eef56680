"""Attentional LSTM encoder-decoder for sequence to sequence learning, teacher forced.

The recurrent layers get their dropout from `nn.LSTM(dropout=…)`, which follows the mode.
Embeddings and attention weights are dropped with `torch.nn.functional.dropout` and no mode, so
the scores of a translation change from call to call in eval mode (DRP001).
"""

import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, vocab: int, emb_dim: int, hid_dim: int, dropout: float):
        super().__init__()
        self.emb_dropout = dropout
        self.embedding = nn.Embedding(vocab, emb_dim)
        self.rnn = nn.LSTM(emb_dim, hid_dim, num_layers=2, dropout=dropout, batch_first=True)

    def forward(self, source: torch.Tensor):
        embedded = self.embedding(source)
        embedded = torch.nn.functional.dropout(embedded, self.emb_dropout, training=self.training)
        return self.rnn(embedded)


class Attention(nn.Module):
    def __init__(self, hid_dim: int, dropout: float):
        super().__init__()
        self.score = nn.Linear(hid_dim, hid_dim, bias=False)
        self.rate = dropout

    def forward(self, query: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
        energy = self.score(query) @ memory.transpose(1, 2)
        weights = energy.softmax(dim=-1)
        return torch.nn.functional.dropout(weights, p=self.rate, training=self.training) @ memory


class Decoder(nn.Module):
    def __init__(self, vocab: int, emb_dim: int, hid_dim: int, dropout: float):
        super().__init__()
        self.emb_dropout = dropout
        self.embedding = nn.Embedding(vocab, emb_dim)
        self.rnn = nn.LSTM(emb_dim, hid_dim, num_layers=2, dropout=dropout, batch_first=True)
        self.attention = Attention(hid_dim, dropout)
        self.out = nn.Linear(2 * hid_dim, vocab)

    def forward(self, target: torch.Tensor, memory: torch.Tensor, state) -> torch.Tensor:
        embedded = torch.nn.functional.dropout(
            self.embedding(target), self.emb_dropout, training=self.training
        )
        hidden, _ = self.rnn(embedded, state)
        return self.out(torch.cat([hidden, self.attention(hidden, memory)], dim=-1))


class Seq2Seq(nn.Module):
    def __init__(self, vocab: int = 20, emb_dim: int = 8, hid_dim: int = 12, dropout: float = 0.4):
        super().__init__()
        self.encoder = Encoder(vocab, emb_dim, hid_dim, dropout)
        self.decoder = Decoder(vocab, emb_dim, hid_dim, dropout)

    def forward(self, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        memory, state = self.encoder(source)
        return self.decoder(target, memory, state).log_softmax(dim=-1)


def example_inputs() -> tuple:
    source = torch.arange(2 * 7).reshape(2, 7) % 20
    target = torch.arange(3, 3 + 2 * 5).reshape(2, 5) % 20
    return source, target


def build() -> nn.Module:
    return Seq2Seq()
