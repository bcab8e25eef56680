"""Layers and models of torch and torchvision that compute something else in the other mode."""

from __future__ import annotations

import libcst as cst

from dropout_lint.semantics.syntax.tree import tail_of

# Layers that go by the batch in train mode and by their statistics in eval mode.
_NORMS = frozenset(
    f"torch.nn.{lazy}BatchNorm{dims}" for lazy in ("", "Lazy") for dims in ("1d", "2d", "3d")
) | {"torch.nn.SyncBatchNorm"}
# Layers of torch that hold dropout, with its rate: its keyword, its place (-1: none that counts),
# and its default.
_RATES: dict[str, tuple[str, int, float]] = {
    **{
        f"torch.nn.{name}": ("p", 0, 0.5)
        for name in ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout",
                     "FeatureAlphaDropout")
    },
    "torch.nn.MultiheadAttention": ("dropout", 2, 0.0),
    "torch.nn.TransformerEncoderLayer": ("dropout", 3, 0.1),
    "torch.nn.TransformerDecoderLayer": ("dropout", 3, 0.1),
    "torch.nn.Transformer": ("dropout", 5, 0.1),
}  # fmt: skip
# What the names of torchvision's models with BatchNorm or dropout begin with. Its transformers
# have rates of 0.
_VISION = ("resnet", "resnext", "wide_resnet", "vgg", "alexnet", "densenet", "mobilenet",
           "efficientnet", "inception", "googlenet", "squeezenet", "shufflenet", "mnasnet",
           "regnet")  # fmt: skip
# Containers of torch, which are what is in them, and wrappers, which are what they wrap.
CONTAINERS = frozenset(
    f"torch.nn.{name}" for name in ("Sequential", "ModuleList", "ModuleDict", "TransformerEncoder",
                                    "TransformerDecoder")
)  # fmt: skip
WRAPPERS = frozenset(
    {"torch.nn.DataParallel", "torch.nn.parallel.DataParallel", "torch.compile",
     "torch.nn.parallel.DistributedDataParallel", "torch.nn.SyncBatchNorm.convert_sync_batchnorm"}
)  # fmt: skip


def depends_on_mode(name: str, call: cst.Call) -> bool:
    """Whether a call of something of torch or torchvision builds what depends on the mode."""
    if name in _NORMS:
        return not _is_off(argument(call, "track_running_stats", 4))
    if name in _RATES:
        keyword, place, default = _RATES[name]
        rate = argument(call, keyword, place)
        return bool(default) if rate is None else may_drop(rate)
    package, _, rest = name.partition(".")
    tail = rest.rpartition(".")[2]
    return package == "torchvision" and "models" in rest and tail.startswith(_VISION)


def argument(call: cst.Call, keyword: str, place: int) -> cst.BaseExpression | None:
    """An argument by its keyword, or its place where no stars come before."""
    for index, arg in enumerate(call.args):
        if arg.star:
            return None
        if arg.keyword is not None and arg.keyword.value == keyword:
            return arg.value
        if arg.keyword is None and index == place:
            return arg.value
    return None


def may_drop(rate: cst.BaseExpression) -> bool:
    """Whether a rate is not written out as zero."""
    if isinstance(rate, (cst.Integer, cst.Float)):
        return float(rate.evaluated_value) != 0
    return tail_of(rate) not in ("None", "False")


def _is_off(node: cst.BaseExpression | None) -> bool:
    return tail_of(node) in ("None", "False")
