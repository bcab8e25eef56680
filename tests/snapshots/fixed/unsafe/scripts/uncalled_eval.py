"""A script that predicts after training, and names `eval` where it means to call it.

How it shows when run: two predictions for one input differ, since dropout is still on (DRP101).
"""

import torch
from torch import nn


def trained() -> tuple[nn.Module, float]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    x = torch.linspace(0, 1, 32).reshape(8, 4)
    loss = (model(x) - x.sum(1, keepdim=True)).square().mean()
    loss.backward()
    optimizer.step()
    return model, loss.item()


def predict_twice(model: nn.Module) -> list[float]:
    with torch.no_grad():
        return [model(torch.ones(1, 4)).item() for _ in range(2)]


def named() -> tuple[bool, list[float]]:
    model, loss = trained()
    model.eval()
    first, second = predict_twice(model)
    return first == second, [loss, first, second]


def called() -> tuple[bool, list[float]]:
    model, loss = trained()
    model.eval()
    first, second = predict_twice(model)
    return first == second, [loss, first, second]


def drive() -> dict[str, tuple[bool, list[float]]]:
    return {"named": named(), "called": called()}
