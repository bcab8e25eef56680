"""Randomness that is declared to be wanted, in each of the ways to say so."""

from __future__ import annotations

import time
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from dropout_lint.verify import eval_random
from zoo.kit import Expected, case


@case("declared", Expected("F.dropout", p=0.5, declared="Monte Carlo dropout"))
@eval_random("Monte Carlo dropout")
class DeclaredClass(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x, 0.5)  # random: DeclaredClass


@case(
    "declared",
    Expected("F.dropout", p=0.5, module="part", declared="sampling layer"),
)
class DeclaredPart(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.part = SamplingLayer()

    def forward(self, x: Any) -> Any:
        return self.part(x)


@eval_random("sampling layer")
class SamplingLayer(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x, 0.5)  # random: DeclaredPart


class Undeclared(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x, 0.5)  # random: DeclaredBuilder DeclaredByPath DeclaredByStar


@case(
    "declared",
    Expected("F.dropout", p=0.5, declared="built so"),
    forms=("factory",),
)
@eval_random("built so")
def DeclaredBuilder() -> nn.Module:
    return Undeclared()


@case(
    "declared",
    Expected("F.dropout", p=0.5, module="0", declared="by path"),
    declared={"0": "by path"},
)
def DeclaredByPath() -> nn.Module:
    return nn.Sequential(Undeclared())


@case(
    "declared",
    Expected("F.dropout", p=0.5, declared="all of it"),
    declared={"*": "all of it"},
)
def DeclaredByStar() -> nn.Module:
    return Undeclared()


@case("declared", Expected("F.dropout", p=0.5, declared="prenet"))
class DeclaredOnTheLine(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x, 0.5)  # dropout-lint: intentional: prenet # random: DeclaredOnTheLine


@case("declared", Expected("F.dropout", p=0.5, declared="prenet, see the paper"))
class DeclaredAbove(nn.Module):
    def forward(self, x: Any) -> Any:
        # dropout-lint: intentional: prenet, see the paper
        return F.dropout(x, 0.5)  # random: DeclaredAbove


@case("declared", Expected("F.dropout", p=0.5, declared="last of several lines"))
class DeclaredBehindTheCall(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(  # random: DeclaredBehindTheCall
            x,
            0.5,
        )  # dropout-lint: intentional: last of several lines


@case("declared", Expected("random.random", "python", declared="layer drop"))
class DeclaredPython(nn.Module):
    def forward(self, x: Any) -> Any:
        import random

        if random.random() < 0.5:  # dropout-lint: intentional: layer drop # random: DeclaredPython
            return x
        return x * 2


@case("deterministic", unused_declarations=("@eval_random on the model",), spread=None)
@eval_random("not needed any more")
class DeclaredInVain(nn.Module):
    def forward(self, x: Any) -> Any:
        return x * 2


@case(
    "deterministic",
    unused_declarations=("encoder.*",),
    declared={"encoder.*": "gone"},
    spread=None,
)
class PatternInVain(nn.Module):
    def forward(self, x: Any) -> Any:
        return x * 2


@case(
    "random",
    Expected("torch.rand", "torch", own=True, declared="noise"),
    notes=("declared, but does not repeat under one seed",),
)
@eval_random("noise")
class DeclaredNotRepeating(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.generator = torch.Generator().manual_seed(3)

    def forward(self, x: Any) -> Any:
        return x * torch.rand(8, generator=self.generator)  # random: DeclaredNotRepeating


@case(
    "outside",
    Expected("F.dropout", p=0.5, mark="drop", declared="Monte Carlo"),
    Expected("torch.mul", "outside", mark="clock"),
)
@eval_random("Monte Carlo")
class DeclaredAndAClock(nn.Module):
    def forward(self, x: Any) -> Any:
        y = F.dropout(x, 0.5)  # random: DeclaredAndAClock.drop
        return y * (time.perf_counter_ns() % 100_003)  # random: DeclaredAndAClock.clock


@case(
    "random",
    Expected("F.dropout", p=0.5, module="part", mark="meant", declared="sampling"),
    Expected("F.dropout", p=0.2, mark="other"),
)
class DeclaredAndAnother(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.part = Meant()

    def forward(self, x: Any) -> Any:
        return F.dropout(self.part(x), 0.2)  # random: DeclaredAndAnother.other


@eval_random("sampling")
class Meant(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x, 0.5)  # random: DeclaredAndAnother.meant
