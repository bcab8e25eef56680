"""Modules in the wrong mode: out of the reach of `eval()`, or put into train mode."""

from __future__ import annotations

from typing import Any

from torch import nn
from torch.nn import functional as F

from zoo.kit import Expected, case


@case(
    "random",
    Expected("nn.Dropout", p=0.5, module="drop"),
    notes=("forward puts the model into train mode", "forward puts drop into train mode"),
)
class TrainInForward(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, x: Any) -> Any:
        self.train()
        return self.drop(x)  # random: TrainInForward


@case("random", Expected("nn.Dropout", p=0.5, registered=False))
class BuiltInForward(nn.Module):
    def forward(self, x: Any) -> Any:
        return nn.Dropout(0.5)(x)  # random: BuiltInForward


@case("random", Expected("nn.Dropout", p=0.5, registered=False, calls=2))
class PlainList(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.drops = [nn.Dropout(0.5), nn.Dropout(0.5)]

    def forward(self, x: Any) -> Any:
        for drop in self.drops:
            x = drop(x)  # random: PlainList
        return x


class DictOfDrops(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.drops = {"a": nn.Dropout2d(0.5)}

    def forward(self, x: Any) -> Any:
        return self.drops["a"](x[:, :, None, None])  # random: PlainDict


@case("random", Expected("nn.Dropout2d", p=0.5, module="block", registered=False))
class PlainDict(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = DictOfDrops()

    def forward(self, x: Any) -> Any:
        return self.block(x)


@case("random", Expected("nn.Dropout", p=0.5, module="drop"), stuck=("drop",))
class EvalDoesNotReach(nn.Module):
    """`train()` is overridden, and forgets the children."""

    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def train(self, mode: bool = True) -> EvalDoesNotReach:
        self.training = mode
        return self

    def forward(self, x: Any) -> Any:
        return self.drop(x)  # random: EvalDoesNotReach


@case("deterministic", silent=(("nn.Dropout", "backbone.drop"),), drawn=(("nn.Dropout", "drop"),))
class FrozenBackbone(nn.Module):
    """`train()` keeps a part in eval mode: usual, and meant."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.Module()
        self.backbone.drop = nn.Dropout(0.5)
        self.drop = nn.Dropout(0.5)

    def train(self, mode: bool = True) -> FrozenBackbone:
        super().train(mode)
        self.backbone.eval()
        return self

    def forward(self, x: Any) -> Any:
        return self.drop(self.backbone.drop(x))


@case(
    "deterministic",
    drawn=(("nn.Dropout", "drop"),),
    lost=(("nn.Dropout", "drop"),),
    forms=("factory",),
)
class LocksInEval(nn.Module):
    """Once in eval mode, for ever in eval mode."""

    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.locked = False

    def train(self, mode: bool = True) -> LocksInEval:
        self.locked = self.locked or not mode
        return super().train(mode and not self.locked)

    def forward(self, x: Any) -> Any:
        return self.drop(x)


@case("deterministic", train_error="RuntimeError: this model is for inference only")
class RefusesTraining(nn.Module):
    def train(self, mode: bool = True) -> RefusesTraining:
        if mode:
            raise RuntimeError("this model is for inference only")
        return super().train(False)

    def forward(self, x: Any) -> Any:
        return x * 2


@case("deterministic", drawn=(("F.dropout", ""),), lost=(("F.dropout", ""),))
class StickyRate(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.p = 0.5

    def forward(self, x: Any) -> Any:
        if not self.training:
            self.p = 0.0
        return F.dropout(x, self.p, self.training)


@case("deterministic", silent=(("F.dropout", ""),))
class NeverApplied(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x, 0.5, training=False)


@case("deterministic", silent=(("nn.Dropout", "drop"),))
class NeverCalled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.off = nn.Dropout(0.0)

    def forward(self, x: Any) -> Any:
        return x * 2


@case("random", Expected("F.dropout", p=0.5))
class MethodAsFlag(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x, 0.5, bool(self.train))  # random: MethodAsFlag


class Inner(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, x: Any) -> Any:
        return self.drop(x)  # random: HiddenSubmodel


@case("random", Expected("nn.Dropout", p=0.5, module="", registered=False))
class HiddenSubmodel(nn.Module):
    """A whole model in a plain tuple: `eval()` reaches neither it nor what it holds."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = (Inner(),)

    def forward(self, x: Any) -> Any:
        return self.parts[0](x)
