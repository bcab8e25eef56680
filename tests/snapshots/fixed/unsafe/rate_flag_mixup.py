"""Sentence classifier that hands the mode to the rate of dropout.

How it shows when run: the second parameter of `dropout` is the rate, so `dropout(x,
self.training)` means p = 1.0 in train mode and p = 0.0 in eval mode (DRP010). Eval looks healthy
and deterministic, while in train mode all activations become zero: the logits equal the bias of
the last layer whatever the text says, and no gradient reaches the layers below.
"""

import torch
from torch import nn
from torch.nn.functional import dropout


class ConvEncoder(nn.Module):
    def __init__(self, emb_dim: int, filters: int, kernel_sizes: tuple[int, ...] = (2, 3)) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv1d(emb_dim, filters, size) for size in kernel_sizes)

    def forward(self, embedded: torch.Tensor) -> torch.Tensor:
        x = embedded.transpose(1, 2)
        pooled = [conv(x).relu().amax(dim=-1) for conv in self.convs]
        return dropout(torch.cat(pooled, dim=1), training=self.training)


class SentenceClassifier(nn.Module):
    def __init__(
        self, vocab: int = 30, emb_dim: int = 8, filters: int = 6, classes: int = 3
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab, emb_dim)
        self.encoder = ConvEncoder(emb_dim, filters)
        self.hidden = nn.Linear(2 * filters, 10)
        self.out = nn.Linear(10, classes)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.encoder(self.embedding(tokens))
        x = dropout(self.hidden(x).relu(), training=self.training)
        return self.out(x)


def example_inputs() -> tuple:
    return (torch.arange(2 * 9).reshape(2, 9) % 30,)


def build() -> nn.Module:
    return SentenceClassifier()
