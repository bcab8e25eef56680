"""One watched forward pass: which calls draw, where, and whether that reaches the output.

In inference mode torch's composite ops arrive whole (`aten.dropout(x, p, train)`), with the same
names on CPU, CUDA and the meta device. A model that refuses inference mode runs under no_grad, then
with gradients, where ops arrive decomposed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.nn import functional

from dropout_lint.verify.report.eval_report import Cause, GradMode, RandomOp
from dropout_lint.verify.running import rng, values
from dropout_lint.verify.running.call import RunsModel, ready
from dropout_lint.verify.running.modes import GRAD_MODES, Quick, eager, everywhere
from dropout_lint.verify.watching.op_draws import OpDraw, op_draw
from dropout_lint.verify.watching.place import ModulePaths, Place, locate, stack
from dropout_lint.verify.watching.taint import Taint, written

UNFILLED = frozenset(
    getattr(packet, name)
    for packet in map(torch.ops.aten.__getattr__, ("empty", "empty_like", "new_empty", "resize_"))
    for name in packet.overloads()
)


@dataclass
class Record:
    """A random op while it is watched: how often it drew, and its bit in the masks of taint.

    The keys of ``through`` are the lines that were on the stack, in order.
    """

    place: Place
    draw: OpDraw
    bit: int
    calls: int = 0
    through: dict[tuple[str, int], None] = field(default_factory=dict)

    @property
    def key(self) -> tuple[Any, ...]:
        """The same in every run, and in every grad mode: there an op may have other names."""
        return self.place.where, self.place.called


@dataclass
class Seen:
    """The output of a watched pass, and what it was seen to do.

    ``escaped``: the bits of random ops whose numbers went into Python (`item()`). ``moved``: a
    generator of torch's moved other than by the draws that were seen (in a thread, by a seed).
    ``unfilled``: an op returned uninitialised memory.
    """

    output: Any = None
    grad_mode: GradMode = "inference"
    drawn: list[Record] = field(default_factory=list)
    quiet: list[Record] = field(default_factory=list)
    reached: int = 0
    escaped: int = 0
    moved: bool = False
    unfilled: bool = False

    def reaches(self, record: Record) -> bool | None:
        if self.reached & record.bit:
            return True
        return None if self.escaped & record.bit else False

    def site(self, record: Record, **extra: Any) -> RandomOp:
        draw, place = record.draw, record.place
        is_dropout = draw.is_dropout or _is_dropout(place.called)
        return RandomOp(
            where=place.where,
            op=place.called or spelled(draw.op),
            cause=Cause.DROPOUT if is_dropout else Cause.TORCH,
            p=draw.p if draw.is_dropout else place.rate if is_dropout else None,
            calls=record.calls,
            through=tuple(record.through),
            own_generator=draw.own_generator,
            **extra,
        )


def spelled(op: str) -> str:
    """The name of an op as a user writes it: ``aten.rand`` is `torch.rand`."""
    space, name = op.split(".")[:2]
    if space != "aten":
        return f"torch.ops.{space}.{name}"
    if hasattr(functional, name) and not hasattr(torch, name):
        return f"F.{name}"
    return f"torch.{name}"


def _is_dropout(called: str | None) -> bool:
    """Whether a function or module of torch's is dropout. (Its ops may arrive decomposed.)"""
    name = (called or "").lower()
    parts = ("dropout", "rrelu", "multiheadattention")
    return any(part in name for part in parts) or name.endswith("scaled_dot_product_attention")


class Watch(Quick):
    """Records the draws of everything that runs under it, and follows them to other tensors."""

    def __init__(self, modules: ModulePaths) -> None:
        super().__init__()
        self.seen = Seen()
        self.taint = Taint()
        self._modules = modules
        self._records: dict[tuple[Any, ...], Record] = {}
        self._mark = rng.mark()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        draw = op_draw(func, args, kwargs)
        mask = self.taint.of((args, kwargs)) if self.taint else 0
        if draw is None:
            result = func(*args, **kwargs)
            if func in UNFILLED:
                self.seen.unfilled = True
        else:
            mask |= self._record(draw)
            if draw.is_dropout and not draw.active:
                result = func(*args, **kwargs)
            else:
                self.settle()
                result = func(*args, **kwargs)
                self._mark = rng.mark()
        if mask:
            self.taint.add(result, mask)
            for value in written(func, args, kwargs):
                self.taint.add(value, mask)
            if not isinstance(result, (torch.Tensor, tuple, list)):
                self.seen.escaped |= mask
        return result

    def settle(self) -> None:
        """Record whether a generator moved since the latest draw that was seen."""
        if not self.seen.moved:
            self.seen.moved = rng.mark() != self._mark

    def _record(self, draw: OpDraw) -> int:
        if not draw.active and not (draw.p and draw.is_dropout):
            return 0
        place = locate(self._modules, draw.op, draw.p)
        key = (place.where, place.called, draw.op, draw.active, draw.p)
        record = self._records.get(key)
        if record is None:
            bit = 1 << len(self._records)
            record = self._records[key] = Record(place, draw, bit)
            (self.seen.drawn if draw.active else self.seen.quiet).append(record)
        record.calls += 1
        record.through.update(dict.fromkeys(stack()))
        return record.bit if draw.active else 0


def watched(
    model: torch.nn.Module,
    call: RunsModel,
    seed: int | None = None,
    *,
    fresh: Callable[[], torch.nn.Module] | None = None,
    start: GradMode = "inference",
) -> Seen:
    """What ``call(model)`` is seen to do, in the least demanding grad mode that works.

    ``start`` is the first mode to try, ``seed`` that of each try. ``fresh`` builds the copy for
    another try: a try that failed may have left something in the model. Raises what the model
    raises in the last mode.
    """
    names = list(GRAD_MODES)
    names = names[names.index(start) :]
    for name in names:
        run = ready(call)
        if seed is not None:
            rng.seed(seed)
        watch = Watch(ModulePaths(model))
        try:
            with eager(), everywhere(watch, name):
                output = run(model)
        except Exception:
            if name == names[-1]:
                raise
            model = fresh() if fresh is not None else model
            continue
        watch.settle()
        watch.seen.output = output
        watch.seen.grad_mode = name
        for tensor in values.wholes(output):
            watch.seen.reached |= watch.taint.of(tensor)
        break
    return watch.seen
