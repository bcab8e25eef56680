"""Dropout functions and modules that are on in eval mode, and clean twins."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from zoo.kit import NO_FILE, Expected, X, case

IMAGE = X.reshape(1, 2, 4, 4)
VOLUME = X.reshape(1, 2, 2, 2, 4)


@case("random", Expected("F.dropout", p=0.5), spread="out")
class Dropout(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x, 0.5)  # random: Dropout


@case("random", Expected("F.dropout", p=0.25), spread="out")
class DropoutInplace(nn.Module):
    def forward(self, x: Any) -> Any:
        h = x + 1
        F.dropout(h, 0.25, inplace=True)  # random: DropoutInplace
        return h


@case("random", Expected("F.dropout1d", p=0.5))
class Dropout1d(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout1d(x, 0.5)  # random: Dropout1d


@case("random", Expected("F.dropout2d", p=0.5), inputs=(IMAGE,))
class Dropout2d(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout2d(x, p=0.5)  # random: Dropout2d


@case("random", Expected("F.dropout3d", p=0.5), inputs=(VOLUME,))
class Dropout3d(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout3d(x, 0.5)  # random: Dropout3d


@case("random", Expected("F.alpha_dropout", p=0.3))
class AlphaDropout(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.alpha_dropout(x, 0.3, training=True)  # random: AlphaDropout


@case("random", Expected("F.alpha_dropout", p=0.3))
class AlphaDropoutInplace(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.alpha_dropout(x * 2, 0.3, True, inplace=True)  # random: AlphaDropoutInplace


@case("random", Expected("F.feature_alpha_dropout", p=0.5), inputs=(IMAGE,))
class FeatureAlphaDropout(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.feature_alpha_dropout(x, 0.5, training=True)  # random: FeatureAlphaDropout


@case("random", Expected("F.rrelu"))
class RRelu(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.rrelu(x, training=True)  # random: RRelu


@case("random", Expected("torch.dropout", p=0.5))
class TorchDropout(nn.Module):
    def forward(self, x: Any) -> Any:
        return torch.dropout(x, 0.5, True)  # random: TorchDropout


@case("random", Expected("torch.dropout_", p=0.5))
class TorchDropoutInplace(nn.Module):
    def forward(self, x: Any) -> Any:
        return torch.dropout_(x + 1, 0.5, True)  # random: TorchDropoutInplace


@case("random", Expected("torch.dropout", p=0.5))
class VfDropout(nn.Module):
    def forward(self, x: Any) -> Any:
        return torch._VF.dropout(x, 0.5, True)  # random: VfDropout


@case("random", Expected("torch.native_dropout", p=0.5))
class AtenNativeDropout(nn.Module):
    def forward(self, x: Any) -> Any:
        out, _ = torch.ops.aten.native_dropout(x, 0.5, True)  # random: AtenNativeDropout
        return out


@case("random", Expected("torch.dropout", p=0.5))
class AtenDropoutOverload(nn.Module):
    def forward(self, x: Any) -> Any:
        return torch.ops.aten.dropout.default(x, 0.5, True)  # random: AtenDropoutOverload


@case(
    "deterministic",
    drawn=(("nn.Dropout", "drop"), ("F.dropout", ""), ("nn.RReLU", "act")),
    spread=None,
)
class CleanDropout(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.act = nn.RReLU()

    def forward(self, x: Any) -> Any:
        return self.act(F.dropout(self.drop(x), 0.5, self.training))


@case("deterministic", spread=None)
class RateZero(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x, 0.0)


@case("deterministic", spread=None, silent=(("F.dropout", ""),))
class RateOne(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x, 1.0)


@case("random", Expected("F.dropout", p=0.5, calls=2))
class TwoDrawsOnALine(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x, 0.5) + F.dropout(-x, 0.5)  # random: TwoDrawsOnALine


@case("random", Expected("F.dropout", p=0.5), Expected("F.alpha_dropout", p=0.2))
class TwoFunctionsOnALine(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x, 0.5) + F.alpha_dropout(x, 0.2, True)  # random: TwoFunctionsOnALine


@case("random", Expected("F.dropout", p=0.5, calls=3))
class CallOverSeveralLines(nn.Module):
    def forward(self, x: Any) -> Any:
        for _ in range(3):
            x = x + F.dropout(  # random: CallOverSeveralLines
                x,
                p=0.5,
            )
        return x


def regularise(x: Any) -> Any:
    return F.dropout(x, 0.1)  # random: SharedHelper


class Layer(nn.Module):
    def forward(self, x: Any) -> Any:
        return regularise(x * 2)


@case(
    "random",
    Expected("F.dropout", p=0.1, module="layers.0"),
    Expected("F.dropout", p=0.1, module="layers.1"),
    Expected("F.dropout", p=0.1, module="head.inner"),
)
class SharedHelper(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Layer(), Layer()])
        self.head = nn.ModuleDict({"inner": Layer()})

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return self.head["inner"](x)


class StuckDropout(nn.Dropout):
    def train(self, mode: bool = True) -> StuckDropout:
        return super().train(True)


@case(
    "random",
    Expected("nn.Dropout", p=0.5, mark=NO_FILE, module="1"),
    stuck=("1",),
    spread="out",
)
def PlainSequential() -> nn.Module:
    return nn.Sequential(nn.Linear(8, 8), StuckDropout(0.5))


@case("deterministic", drawn=(("nn.Dropout", "1"),), spread=None)
def CleanSequential() -> nn.Module:
    return nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.Linear(8, 2))


@case("random", Expected("F.dropout", p=0.5), inputs={"x": X, "scale": 2.0})
class Keywords(nn.Module):
    def forward(self, *, x: Any, scale: float = 1.0) -> Any:
        return F.dropout(x, 0.5) * scale  # random: Keywords


@case("random", Expected("F.dropout", p=0.5, reaches=True), spread="out")
class DropoutInAnotherMethod(nn.Module):
    def _block(self, x: Any) -> Any:
        return F.dropout(x, 0.5)  # random: DropoutInAnotherMethod

    def forward(self, x: Any) -> Any:
        return torch.stack([self._block(row) for row in x[:1]])


@case("deterministic", unused=(Expected("F.dropout", p=0.5, reaches=False),), spread=None)
class DropoutUnused(nn.Module):
    def forward(self, x: Any) -> Any:
        F.dropout(x, 0.5)  # random: DropoutUnused
        return x


@case("random", Expected("F.dropout", p=0.5), device="meta", spread=None)
class OnMeta(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lin = nn.Linear(8, 8)

    def forward(self, x: Any) -> Any:
        return F.dropout(self.lin(x), 0.5)  # random: OnMeta
