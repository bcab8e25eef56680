"""Models that torch wraps or turns into something else."""

from __future__ import annotations

import threading
import warnings
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from zoo.kit import Expected, X, case


class Scriptable(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lin = nn.Linear(8, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.lin(x))
        return F.dropout(y, 0.5)  # random: Scripted ScriptedPart Traced


class ScriptableOuter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = Scriptable()
        self.drop = nn.Dropout(0.1)
        self.second = Scriptable()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(self.drop(self.first(x)))


@case(
    "random",
    Expected("F.dropout", p=0.5, module="first"),
    Expected("F.dropout", p=0.5, module="second"),
    drawn=(("nn.Dropout", "drop"),),
)
def Scripted() -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.script(ScriptableOuter())


@case("random", Expected("F.dropout", p=0.5, module="part"))
class ScriptedPart(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.part = torch.jit.script(Scriptable())

    def forward(self, x: Any) -> Any:
        return self.part(x) + 1


class ScriptableTwice(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.dropout(x, 0.2)  # random: ScriptedTwice.first
        for _ in range(2):
            y = F.dropout(y, 0.3)  # random: ScriptedTwice.loop
        return y * torch.rand_like(y)  # random: ScriptedTwice.rand


@case(
    "random",
    Expected("F.dropout", p=0.2, mark="first"),
    Expected("F.dropout", p=0.3, mark="loop", calls=2),
    Expected("torch.rand_like", "torch", mark="rand"),
)
def ScriptedTwice() -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.script(ScriptableTwice())


@case("random", Expected("F.dropout", p=0.5))
def Traced() -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.trace(Scriptable().eval(), X, check_trace=False)


@case("random", Expected("F.dropout", p=0.5, module="inner"), drawn=(("nn.Dropout", "drop"),))
def Compiled() -> nn.Module:
    return torch.compile(Compilable(), backend="eager")


@case("random", Expected("F.dropout", p=0.5, module="inner"), drawn=(("nn.Dropout", "drop"),))
def CompiledInPlace() -> nn.Module:
    model = Compilable()
    model.compile(backend="eager")
    return model


class CompilableInner(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x, 0.5)  # random: Compiled CompiledInPlace DataParallel Replicated


class Compilable(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = CompilableInner()
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Any) -> Any:
        return self.drop(self.inner(x))


@case(
    "random",
    Expected("F.dropout", p=0.5, module="module.inner"),
    drawn=(("nn.Dropout", "module.drop"),),
)
def DataParallel() -> nn.Module:
    return nn.DataParallel(Compilable())


@case(
    "random",
    Expected("F.dropout", p=0.5, module="inner", calls=2),
)
class Replicated(nn.Module):
    """What DataParallel does with two devices: replicas, each in a thread."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = CompilableInner()

    def forward(self, x: Any) -> Any:
        found: dict[int, Any] = {}

        def work(index: int, replica: nn.Module) -> None:
            found[index] = replica(x[index::2])

        for index in range(2):
            replica = self.inner._replicate_for_data_parallel()
            thread = threading.Thread(target=work, args=(index, replica))
            thread.start()
            thread.join()
        return torch.cat([found[0], found[1]])


@case(
    "random",
    Expected("F.dropout", p=0.5, module="body"),
    inputs=lambda: (X.clone(),),
)
class Lazy(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lin = nn.LazyLinear(6)
        self.body = LazyBody()

    def forward(self, x: Any) -> Any:
        return self.body(self.lin(x))


class LazyBody(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x, 0.5)  # random: Lazy


@case("deterministic", drawn=(("nn.Dropout", "1"),), spread=None)
def LazyClean() -> nn.Module:
    return nn.Sequential(nn.LazyLinear(6), nn.Dropout(0.5), nn.LazyBatchNorm1d())


@case("random", Expected("F.dropout", p=0.5, module="lin"))
class Hooked(nn.Module):
    """The draw is in a hook that the model puts on its layer."""

    def __init__(self) -> None:
        super().__init__()
        self.lin = nn.Linear(8, 8)
        self.lin.register_forward_hook(drop_output)

    def forward(self, x: Any) -> Any:
        return self.lin(x)


def drop_output(module: nn.Module, args: Any, output: Any) -> Any:
    return F.dropout(output, 0.5)  # random: Hooked


@case("random", Expected("F.dropout", p=0.5, module="parametrizations.weight.0"))
def Parametrised() -> nn.Module:
    from torch.nn.utils import parametrize

    layer = nn.Linear(8, 8)
    parametrize.register_parametrization(layer, "weight", DropConnect())
    return layer


class DropConnect(nn.Module):
    def forward(self, weight: Any) -> Any:
        return F.dropout(weight, 0.5)  # random: Parametrised


@case("random", Expected("F.dropout", p=0.5))
class Vmapped(nn.Module):
    def forward(self, x: Any) -> Any:
        return torch.vmap(drop_row, randomness="different")(x)


def drop_row(row: Any) -> Any:
    return F.dropout(row, 0.5)  # random: Vmapped


@case("random", Expected("nn.Dropout", p=0.5, module="drop"))
class FunctionalCall(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, x: Any) -> Any:
        self.drop.training = True
        y = torch.func.functional_call(self.drop, {}, (x,))  # random: FunctionalCall
        self.drop.training = self.training
        return y


@case("random", Expected("F.dropout", p=0.5, module="lin"))
class PatchedForward(nn.Module):
    """The forward of a part is replaced by a closure, as adapters do."""

    def __init__(self) -> None:
        super().__init__()
        self.lin = nn.Linear(8, 8)
        inner = self.lin.forward
        self.lin.forward = lambda x: F.dropout(inner(x), 0.5)  # random: PatchedForward

    def forward(self, x: Any) -> Any:
        return self.lin(x)


@case("deterministic", drawn=(("nn.Dropout", "1"),), spread=None)
def QuantisedDynamically() -> nn.Module:
    plain = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5))
    return torch.ao.quantization.quantize_dynamic(plain, {nn.Linear})
