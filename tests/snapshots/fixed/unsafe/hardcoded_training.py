"""Ordinary text classifier with the mode of dropout written out as True.

Somebody debugged with `training=True`, in all spellings that torch has: keyword, third position,
the low-level `torch.dropout` and the self-normalising `alpha_dropout`. Nothing about this model
wants noise in its predictions, yet they are random in eval mode (DRP003).
"""

import torch
import torch.nn.functional as F
from torch import nn


class TopicClassifier(nn.Module):
    def __init__(self, vocab: int = 40, dim: int = 16, classes: int = 4, p: float = 0.4):
        super().__init__()
        self.p = p
        self.embedding = nn.EmbeddingBag(vocab, dim, mode="mean")
        self.fc1 = nn.Linear(dim, 32)
        self.fc2 = nn.Linear(32, 32)
        self.fc3 = nn.Linear(32, 16)
        self.out = nn.Linear(16, classes)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = F.dropout(self.embedding(tokens), p=self.p, training=self.training)
        x = F.dropout(F.relu(self.fc1(x)), 0.3, self.training)
        x = F.alpha_dropout(F.selu(self.fc2(x)), p=0.3, training=self.training)
        x = torch.dropout(F.relu(self.fc3(x)), self.p, train=self.training)
        return self.out(x)


def example_inputs() -> tuple:
    return (torch.arange(3 * 8).reshape(3, 8) % 40,)


def build() -> nn.Module:
    return TopicClassifier()
