"""A training loop that evaluates after each epoch, with `train()` once above it.

How it shows when run: from the second epoch on the training pass is without dropout and BatchNorm
counts no more batches (DRP102). The losses are those of another training.
"""

import torch
from torch import nn

X = torch.linspace(0, 1, 64).reshape(16, 4)
Y = X.sum(1, keepdim=True)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 16)
        self.norm = nn.BatchNorm1d(16)
        self.dropout = nn.Dropout(0.5)
        self.out = nn.Linear(16, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.dropout(self.norm(self.fc(x)).relu()))


def evaluate(model: nn.Module) -> float:
    model.eval()
    with torch.no_grad():
        return (model(X) - Y).square().mean().item()


def with_train_above() -> tuple[bool, list[float]]:
    torch.manual_seed(0)
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    losses = []
    model.train()
    for _ in range(3):
        model.train()
        optimizer.zero_grad()
        loss = (model(X) - Y).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        evaluate(model)
    return model.norm.num_batches_tracked.item() == 3, losses


def with_train_inside() -> tuple[bool, list[float]]:
    torch.manual_seed(0)
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    losses = []
    for _ in range(3):
        model.train()
        optimizer.zero_grad()
        loss = (model(X) - Y).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        evaluate(model)
    return model.norm.num_batches_tracked.item() == 3, losses


def drive() -> dict[str, tuple[bool, list[float]]]:
    return {"with_train_above": with_train_above(), "with_train_inside": with_train_inside()}
