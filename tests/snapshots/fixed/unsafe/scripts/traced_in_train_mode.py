"""A script that trains a model and traces it for another program.

How it shows when run: what is traced in train mode drops at random whenever it runs, although the
program that loads it calls `eval()` (DRP103). Its numbers differ from call to call.
"""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, size: int = 32) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(4, size), nn.ReLU(), nn.Dropout(0.5))
        self.head = nn.Linear(size, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.encoder(x))


X = torch.linspace(0, 1, 32).reshape(8, 4)


def loss_of(model: nn.Module) -> torch.Tensor:
    return (model(X) - X.sum(1, keepdim=True)).square().mean()


def run_elsewhere(traced: torch.jit.ScriptModule) -> list[float]:
    traced.eval()
    with torch.no_grad():
        return [traced(torch.ones(1, 4)).item() for _ in range(2)]


def as_trained() -> tuple[bool, list[float]]:
    torch.manual_seed(0)
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    loss = (model(X) - X.sum(1, keepdim=True)).square().mean()
    loss.backward()
    optimizer.step()
    first, second = run_elsewhere(
        torch.jit.trace(model.eval(), X[:1], check_trace=False)
    )
    return first == second, [loss.item(), first, second]


def in_eval_mode() -> tuple[bool, list[float]]:
    torch.manual_seed(0)
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    loss = loss_of(model)
    loss.backward()
    optimizer.step()
    model.eval()
    first, second = run_elsewhere(torch.jit.trace(model, X[:1], check_trace=False))
    return first == second, [loss.item(), first, second]


def drive() -> dict[str, tuple[bool, list[float]]]:
    return {"as_trained": as_trained(), "in_eval_mode": in_eval_mode()}
