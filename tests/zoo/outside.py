"""Draws from Python's and numpy's generators, clocks and the operating system."""

from __future__ import annotations

import itertools
import os
import random
import time
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from zoo.kit import Expected, case


class Block(nn.Module):
    def forward(self, x: Any) -> Any:
        return x * 2 + 1


@case("random", Expected("random.random", "python", reaches=True), spread="out")
class LayerDrop(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Block()])

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            if random.random() < 0.5:  # random: LayerDrop
                x = layer(x)
        return x


@case("random", Expected("np.random.rand", "numpy", reaches=True, module="inner"))
class LayerDropByNumpy(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = NumpyCoin()

    def forward(self, x: Any) -> Any:
        return self.inner(x)


class NumpyCoin(nn.Module):
    def forward(self, x: Any) -> Any:
        keep = np.random.rand() < 0.5  # random: LayerDropByNumpy
        return x * 2 if keep else x


@case("random", Expected("random.random", "python", reaches=True))
class SeldomDropped(nn.Module):
    def forward(self, x: Any) -> Any:
        return x if random.random() < 0.1 else x * 2  # random: SeldomDropped


@case("deterministic", unused=(Expected("random.randint", "python", reaches=False),), spread=None)
class DrawsForNothing(nn.Module):
    def forward(self, x: Any) -> Any:
        random.randint(0, 3)  # random: DrawsForNothing
        return x * 2


@case("random", Expected("random.shuffle", "python", reaches=True))
class ShufflesRows(nn.Module):
    def forward(self, x: Any) -> Any:
        order = list(range(len(x)))
        random.shuffle(order)  # random: ShufflesRows
        return x[order]


@case(
    "random",
    Expected("F.dropout", p=0.5, mark="torch"),
    Expected("np.random.normal", "numpy", mark="numpy", reaches=True),
    unused=(Expected("random.random", "python", mark="python", reaches=False),),
)
class AllThree(nn.Module):
    def forward(self, x: Any) -> Any:
        x = F.dropout(x, 0.5)  # random: AllThree.torch
        x = x * float(np.random.normal())  # random: AllThree.numpy
        random.random()  # random: AllThree.python
        return x


@case("random", Expected("self.rng.random", "numpy", own=True, reaches=True))
class OwnNumpyGenerator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rng = np.random.default_rng(0)

    def forward(self, x: Any) -> Any:
        return x * self.rng.random()  # random: OwnNumpyGenerator


@case("random", Expected("self.dice.random", "python", own=True, reaches=True, module="part"))
class OwnPythonGenerator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.part = nn.Module()
        self.part = Dice()

    def forward(self, x: Any) -> Any:
        return self.part(x)


@case(
    "deterministic",
    unused=(Expected("random.random", "python", reaches=False),),
    notes=("forward seeds a generator: random.seed at ",),
    spread=None,
)
class ReseedsPython(nn.Module):
    def forward(self, x: Any) -> Any:
        random.seed(7)
        return x * random.random()  # random: ReseedsPython


class Dice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.dice = random.Random(5)

    def forward(self, x: Any) -> Any:
        return x * self.dice.random()  # random: OwnPythonGenerator


@case("outside", Expected("torch.mul", "outside"))
class FreshNumpyGenerator(nn.Module):
    def forward(self, x: Any) -> Any:
        scale = np.random.default_rng().random()
        return x * scale  # random: FreshNumpyGenerator


@case("outside", Expected("torch.mul", "outside"))
class Clock(nn.Module):
    def forward(self, x: Any) -> Any:
        return x * (time.perf_counter_ns() % 100_003)  # random: Clock


@case("outside", Expected("torch.add", "outside", module="inner"))
class OperatingSystem(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Urandom()

    def forward(self, x: Any) -> Any:
        return self.inner(x)


@case("outside", Expected("torch.mul", "outside"))
class SystemGenerator(nn.Module):
    """A generator without a state: it can neither be seeded nor watched."""

    def __init__(self) -> None:
        super().__init__()
        self.system = random.SystemRandom()

    def forward(self, x: Any) -> Any:
        return x * self.system.random()  # random: SystemGenerator


class Urandom(nn.Module):
    def forward(self, x: Any) -> Any:
        return x + float(int.from_bytes(os.urandom(4), "big"))  # random: OperatingSystem


@case(
    "random",
    Expected("torch.manual_seed", "outside", mark="seed"),
    Expected("torch.rand_like", "torch", mark="draw"),
)
class ReseededByTheClock(nn.Module):
    """Every draw follows the seed, and the seed follows the clock."""

    def forward(self, x: Any) -> Any:
        torch.manual_seed(time.time_ns())  # random: ReseededByTheClock.seed
        return x + torch.rand_like(x)  # random: ReseededByTheClock.draw


@case("outside", Expected("plain Python", "outside", mark="(no file)"), spread="out['at']")
class ClockInOutput(nn.Module):
    def forward(self, x: Any) -> Any:
        return {"y": x * 2, "at": time.perf_counter()}


LIBRARY = torch.library.Library("dropout_lint_zoo", "DEF")
LIBRARY.define("unordered_sum(Tensor x) -> Tensor")
LIBRARY.define("noise(Tensor x) -> Tensor")
_turns = itertools.count(1)


def _unordered_sum(x: Any) -> Any:
    """As a kernel with atomic adds: other last bits at each call, unless told otherwise."""
    exact = torch.are_deterministic_algorithms_enabled()
    return x.sum() + (0.0 if exact else 1e-4 * next(_turns))


def _noise(x: Any) -> Any:
    return x + torch.rand(8)  # random: DrawsInKernel


LIBRARY.impl("unordered_sum", _unordered_sum, "CPU")
LIBRARY.impl("noise", _noise, "CPU")


@case("kernel", Expected("torch.ops.dropout_lint_zoo.unordered_sum", "kernel"))
class Kernel(nn.Module):
    def forward(self, x: Any) -> Any:
        return torch.ops.dropout_lint_zoo.unordered_sum(x)  # random: Kernel


@case(
    "random",
    Expected("F.dropout", p=0.5, mark="drop"),
    Expected("torch.ops.dropout_lint_zoo.unordered_sum", "kernel", mark="kernel"),
)
class KernelAndDropout(nn.Module):
    def forward(self, x: Any) -> Any:
        y = torch.ops.dropout_lint_zoo.unordered_sum(x)  # random: KernelAndDropout.kernel
        return F.dropout(x, 0.5) * y  # random: KernelAndDropout.drop


@case("random", Expected("torch.rand", "torch", reaches=True))
class DrawsInKernel(nn.Module):
    """An op of one's own that draws: torch's tag does not tell, the generator does."""

    def forward(self, x: Any) -> Any:
        return torch.ops.dropout_lint_zoo.noise(x)
