"""Models that remember: counters, caches, buffers written in eval mode; and changed inputs."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from zoo.kit import Expected, X, case


@case("state", Expected("torch.mul", "state"), spread="out")
class Counter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def forward(self, x: Any) -> Any:
        self.calls += 1
        return x * self.calls  # random: Counter


@case("state", Expected("torch.add", "state", module="cell"))
class Cache(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell = Cell()

    def forward(self, x: Any) -> Any:
        return self.cell(x)


class Cell(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.before: Any = None

    def forward(self, x: Any) -> Any:
        if self.before is not None:
            x = x + self.before  # random: Cache
        self.before = x
        return x


@case(
    "state",
    Expected("torch.sub", "state"),
    notes=("forward changes mean of the model, in eval mode too",),
)
class RunningMean(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(8))

    def forward(self, x: Any) -> Any:
        y = x - self.mean  # random: RunningMean
        self.mean.mul_(0.9).add_(x.mean(0) + 1)
        return y


@case("deterministic", spread=None, notes=("forward changes seen of the model, in eval mode too",))
class CountsOnly(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(()))

    def forward(self, x: Any) -> Any:
        self.seen += 1
        return x * 2


@case("deterministic", spread=None)
class CacheOfTheSame(nn.Module):
    """A table built at the first call and used at the next ones."""

    def __init__(self) -> None:
        super().__init__()
        self.table: Any = None
        self.lin = nn.Linear(8, 8)

    def forward(self, x: Any) -> Any:
        if self.table is None:
            self.table = self.lin(torch.ones(8))
        return x + self.table


@case("deterministic", grad_mode="grad", notes=("does not run in inference mode",), spread=None)
class CachesAndNeedsGradients(nn.Module):
    """What the first try caches under inference mode would break the second try."""

    def __init__(self) -> None:
        super().__init__()
        self.table: Any = None
        self.lin = nn.Linear(8, 8)

    def forward(self, x: Any) -> Any:
        if self.table is None:
            self.table = torch.arange(8.0)
        x = x.detach().requires_grad_()
        (grad,) = torch.autograd.grad((self.lin(x) * self.table).sum(), x)
        return grad


@case(
    "random",
    Expected("F.dropout", p=0.5),
    grad_mode="grad",
    notes=("does not run in inference mode",),
)
class GradientPenalty(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lin = nn.Linear(8, 1)

    def forward(self, x: Any) -> Any:
        x = x.detach().requires_grad_()
        h = F.dropout(x, 0.5)  # random: GradientPenalty
        (grad,) = torch.autograd.grad(self.lin(h).sum(), x, create_graph=True)
        return grad.norm(dim=1)


@case("deterministic", notes=("forward changes its input inputs[0] in place",), spread=None)
class ChangesItsInput(nn.Module):
    def forward(self, x: Any) -> Any:
        return x.mul_(2)


@case(
    "deterministic",
    notes=("forward changes its input inputs['state'][0] in place",),
    inputs={"x": X, "state": [torch.zeros(8)]},
    spread=None,
)
class ChangesNestedInput(nn.Module):
    def forward(self, x: Any, state: list[Any]) -> Any:
        state[0].add_(1)
        return x * 2


@case("deterministic", spread=None)
class Uninitialised(nn.Module):
    """Parameters that nobody filled: other bytes in every instance."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(4096, 8))

    def forward(self, x: Any) -> Any:
        return x @ self.weight.T


class NoCopies:
    def __deepcopy__(self, memo: Any) -> NoCopies:
        raise TypeError("no copies")


@case("random", Expected("F.dropout", p=0.5), spread="out")
class HoldsSomethingNotCopyable(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.handles = {"file": [NoCopies()]}
        self.lin = nn.Linear(8, 8)
        self.cached = self.lin(torch.ones(8))  # no leaf: deepcopy refuses it

    def forward(self, x: Any) -> Any:
        return F.dropout(self.lin(x) + self.cached, 0.5)  # random: HoldsSomethingNotCopyable


@case(
    "state",
    Expected("torch.mul", "state"),
    notes=("cannot be copied (TypeError: no copies)",),
    grad_mode="no_grad",
    forms=("instance",),
)
class RefusesCopies(nn.Module):
    """Runs itself, and is put back after every run."""

    def __init__(self) -> None:
        super().__init__()
        self.lin = nn.Linear(8, 8)
        self.calls = 0

    def __deepcopy__(self, memo: Any) -> RefusesCopies:
        raise TypeError("no copies")

    def forward(self, x: Any) -> Any:
        self.calls += 1
        return self.lin(x) * self.calls  # random: RefusesCopies


@case("outside", Expected("torch.empty", "outside"))
class ReadsUnfilledMemory(nn.Module):
    def forward(self, x: Any) -> Any:
        table = torch.empty(64, 8)  # random: ReadsUnfilledMemory
        table[0].copy_(x[0])
        return x @ table.T


@case("deterministic", spread=None, drawn=(), inputs=lambda: (torch.randn(4, 8),))
class InputsMadeAtRandom(nn.Module):
    """The inputs are made once, not once for every seed."""

    def forward(self, x: Any) -> Any:
        return x * 2


@case("deterministic", unused=(Expected("torch.randn", "torch"),), spread=None)
class MadeAtTheFirstCall(nn.Module):
    """Weights that the first call draws belong to building the model."""

    weight: Any = None

    def forward(self, x: Any) -> Any:
        if self.weight is None:
            self.weight = torch.randn(8, 8)  # random: MadeAtTheFirstCall
        return x @ self.weight


@case(
    "deterministic",
    notes=("forward puts norm into train mode", "forward changes norm.num_batches_tracked"),
    spread=None,
)
class NormInTrainMode(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(8)

    def forward(self, x: Any) -> Any:
        self.norm.train()
        return self.norm(x)
