"""The report on one model as plain data: no torch here, and every value survives JSON."""

from __future__ import annotations

import dataclasses
import enum
from dataclasses import dataclass, field
from typing import Any, Literal

GradMode = Literal["inference", "no_grad", "grad"]


class Verdict(str, enum.Enum):
    """The answer to "is this model deterministic in eval mode?", the gravest that applies."""

    DETERMINISTIC = "deterministic"
    DECLARED = "declared"  # random, and every source of it is declared to be intended
    KERNEL = "kernel"  # same inputs, same seed, other bits: an op that is not deterministic
    STATE = "state"  # the model remembers earlier calls
    OUTSIDE = "outside"  # a clock, the operating system, an unseeded generator
    RANDOM = "random"  # draws in eval mode


class Cause(str, enum.Enum):
    """Where the difference at a site comes from."""

    DROPOUT = "dropout"  # a dropout op (or rrelu) that is on
    TORCH = "torch"  # another draw from one of torch's generators
    PYTHON = "python"  # the module `random`
    NUMPY = "numpy"  # numpy's global generator
    STATE = "state"
    KERNEL = "kernel"
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Where:
    """A place in the user's code, and the module that was running there.

    ``file`` is None where no frame of the user's takes part (a plain `nn.Sequential`). ``module``
    is the path as in `named_modules()`, empty for the model itself. ``registered`` is False for a
    module that the model does not know: built in forward, or kept in a plain list or dict.
    """

    file: str | None
    line: int
    function: str = ""
    module: str = ""
    module_type: str = ""
    registered: bool = True

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.file else f"module {self.module or '(the model)'}"


@dataclass(frozen=True)
class RandomOp:
    """A call site that draws, or a place where runs differ.

    ``op`` is spelled as the user would (``F.dropout``, ``torch.rand_like``); ``p`` is the rate of
    a dropout. ``reaches_output`` is None where that is not known (a draw from `random`).
    ``declared`` holds the reason if the randomness is declared to be intended. ``through`` are the
    user's lines, as file and line, that were on the stack: its own, and the calls that led there.
    """

    where: Where
    op: str
    cause: Cause
    p: float | None = None
    calls: int = 1
    reaches_output: bool | None = None
    own_generator: bool = False
    declared: str | None = None
    source: str = ""
    through: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Spread:
    """How far outputs of the same input move between seeds, in eval mode.

    ``relative_rms`` is the root mean square of the difference over that of the output;
    ``changed_argmax`` the share of rows whose largest entry is another one, for an output shaped
    like class scores; ``path`` the first part of the output that differs, as in ``out['logits']``.
    """

    path: str
    relative_rms: float | None = None
    changed_argmax: float | None = None


@dataclass(frozen=True)
class TrainReport:
    """What dropout does in train mode. ``error`` says why that could not be seen.

    ``drawn`` drew, with or without effect on the output. ``silent`` have p > 0 and did not draw, or
    are modules that were never called (``calls`` is 0). ``lost`` drew before the model went to eval
    mode and back, and not after it.
    """

    drawn: tuple[RandomOp, ...] = ()
    silent: tuple[RandomOp, ...] = ()
    lost: tuple[RandomOp, ...] = ()
    error: str | None = None


@dataclass(frozen=True)
class EvalReport:
    """The result of `verify_eval`.

    ``sites`` are the causes of the verdict and the declared ones; ``unused`` drew without effect
    on the output, or the same at every call; ``quiet`` are dropout calls that ran and were off.
    ``executed`` holds the lines that ran, by file, where they were asked for.
    ``stuck`` are the modules that `eval()` leaves in train mode. ``grad_mode`` is the mode that the
    watched run needed. ``repeats`` says whether two runs under one seed gave the same bits, None
    where that was not tried. ``modules`` are path and type of all modules, in order.
    ``samples`` are, where asked for, the first entries of the output under many seeds: shape
    (seeds, entries).
    """

    model: str
    verdict: Verdict
    sites: tuple[RandomOp, ...] = ()
    unused: tuple[RandomOp, ...] = ()
    quiet: tuple[RandomOp, ...] = ()
    spread: Spread | None = None
    train: TrainReport | None = None
    stuck: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unused_declarations: tuple[str, ...] = ()
    grad_mode: GradMode = "inference"
    seeds: tuple[int, ...] = ()
    repeats: bool | None = None
    executed: dict[str, tuple[int, ...]] = field(default_factory=dict)
    modules: tuple[tuple[str, str], ...] = ()
    samples: tuple[tuple[float, ...], ...] = ()

    @property
    def ok(self) -> bool:
        """Nothing to repair: eval repeats (or is declared not to), and train mode comes back."""
        fine = (Verdict.DETERMINISTIC, Verdict.DECLARED, Verdict.KERNEL)
        return self.verdict in fine and not (self.train is not None and self.train.lost)

    def __bool__(self) -> bool:
        return self.ok


def to_json(value: Any) -> Any:
    """A report as JSON types; `from_json` is its inverse."""
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    return value


def eval_report(data: dict[str, Any]) -> EvalReport:
    """An `EvalReport` from what `to_json` made of it."""
    sites = {key: _sites(data[key]) for key in ("sites", "unused", "quiet")}
    train = data["train"]
    return EvalReport(
        model=data["model"],
        verdict=Verdict(data["verdict"]),
        **sites,
        spread=Spread(**data["spread"]) if data["spread"] else None,
        train=_train(train) if train else None,
        stuck=tuple(data["stuck"]),
        notes=tuple(data["notes"]),
        unused_declarations=tuple(data["unused_declarations"]),
        grad_mode=data["grad_mode"],
        seeds=tuple(data["seeds"]),
        repeats=data["repeats"],
        executed={file: tuple(lines) for file, lines in data["executed"].items()},
        modules=tuple((path, kind) for path, kind in data["modules"]),
        samples=tuple(map(tuple, data["samples"])),
    )


def _train(data: dict[str, Any]) -> TrainReport:
    sites = {key: _sites(data[key]) for key in ("drawn", "silent", "lost")}
    return TrainReport(**sites, error=data["error"])


def _sites(data: list[dict[str, Any]]) -> tuple[RandomOp, ...]:
    return tuple(
        RandomOp(
            **{
                **item,
                "where": Where(**item["where"]),
                "cause": Cause(item["cause"]),
                "through": tuple((file, line) for file, line in item["through"]),
            }
        )
        for item in data
    )
