"""Whether a draw changes the output: the run is repeated with that draw changed, and no other.

Taint follows numbers through torch's ops only. Draws that pass through `item()`, numpy, or a branch
of Python code are found by their effect.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from dropout_lint.verify.report.eval_report import Where
from dropout_lint.verify.running import rng, values
from dropout_lint.verify.running.modes import Quick, everywhere
from dropout_lint.verify.running.runs import Runs, same
from dropout_lint.verify.watching.op_draws import op_draw
from dropout_lint.verify.watching.place import ModulePaths, locate
from dropout_lint.verify.watching.watch import Record

_TRIES = 64


class Reseeded(Quick):
    """Gives every draw a seed of its own, so that one random op can change without the others."""

    def __init__(self, modules: ModulePaths, key: tuple[Any, ...], turn: int) -> None:
        super().__init__()
        self._modules = modules
        self._key = key
        self._turn = turn
        self._calls: Counter[tuple[Any, ...]] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        draw = op_draw(func, args, kwargs)
        if draw is not None and draw.active:
            place = locate(self._modules, draw.op, draw.p)
            key = (place.where, place.called)
            self._calls[key] += 1
            turn = self._turn if key == self._key else 0
            if draw.own_generator:
                torch.rand(turn, generator=kwargs["generator"])
            else:
                rng.seed_torch(_number(place.where, self._calls[key], turn))
        return func(*args, **kwargs)


def of_record(runs: Runs, record: Record, seed: int) -> bool:
    """Whether the output changes with the draws of one random op."""

    def output(turn: int) -> Any:
        model, run = runs.copy(), runs.call.ready()
        rng.seed(seed)
        mode = Reseeded(ModulePaths(model), record.key, turn)
        with everywhere(mode, runs.grad_mode):
            return values.clone(run(model))

    return _vary(output(turn) for turn in range(_TRIES))


def of_generator(runs: Runs, name: str, seed: int, others: Sequence[int]) -> bool:
    """Whether the output changes with the state in which one generator starts."""

    def output(turn: int) -> Any:
        model, run = runs.copy(), runs.call.ready()
        rng.seed(seed)
        if turn:
            rng.disturb(name, rng.held(model), turn, others[turn - 1])
        with runs.mode():
            return values.clone(run(model))

    return _vary(output(turn) for turn in range(len(others) + 1))


def _number(where: Where, call: int, turn: int) -> int:
    """A seed for one draw, the same in every run and on every machine."""
    return zlib.crc32(f"{where.function} {where.module} {where.line} {call} {turn}".encode())


def _vary(outputs: Iterator[Any]) -> bool:
    first = next(outputs)
    return any(not same(first, output) for output in outputs)
