"""Why runs under one seed differ: the state of the model, its kernels, or the outside world.

Two runs that agree prove nothing, since a clock may not have moved between them. So a cause is
reported only if it explains the whole series of outputs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from dropout_lint.verify.report.eval_report import Cause, RandomOp
from dropout_lint.verify.running import rng
from dropout_lint.verify.running.runs import Runs, deterministic_kernels, same
from dropout_lint.verify.watching import lockstep

_REPLAYS = 4
_TRIES = 6


def difference(runs: Runs, seeds: tuple[int, ...], series: list[Any]) -> RandomOp | None:
    """The place at which runs differ, with the cause; None if the seed alone explains it.

    ``series`` are the outputs of one copy, called in turn under the ``seeds``.
    """
    if _replays(runs, seeds, series):
        # The position in the series decides, or the seed does. A fresh copy knows no position.
        if same(series[0], series[1]) and not _position_decides(runs, seeds, series):
            return None
        return _place(runs, Cause.STATE)
    if _agree(runs, seeds[0]):
        return _place(runs, Cause.OUTSIDE)  # differed once, which is too rare for a kernel
    with deterministic_kernels():
        kernel = _agree(runs, seeds[0])
    return _place(runs, Cause.KERNEL if kernel else Cause.OUTSIDE)


def unfilled(runs: Runs, seed: int) -> RandomOp | None:
    """The call that allocated memory which is read before it is written to; None without one.

    Uninitialised memory may be the same in many runs, so one run gets it filled.
    """
    with deterministic_kernels():
        plain = runs.output(runs.copy(), seed)
    with deterministic_kernels(fill=True):
        filled = runs.output(runs.copy(), seed)
    if same(plain, filled):
        return None
    with deterministic_kernels():
        site = lockstep.first_difference(
            _seeded(runs),
            runs.copy(),
            runs.copy(),
            Cause.OUTSIDE,
            lambda: deterministic_kernels(fill=True),
        )
    return site if site is not None else lockstep.nowhere(Cause.OUTSIDE)


def _replays(runs: Runs, seeds: tuple[int, ...], series: list[Any]) -> bool:
    """Whether fresh copies give the same series again."""
    for _ in range(_REPLAYS):
        model = runs.copy()
        if not all(
            same(runs.output(model, seed), expected)
            for seed, expected in zip(seeds, series, strict=True)
        ):
            return False
    return True


def _position_decides(runs: Runs, seeds: tuple[int, ...], series: list[Any]) -> bool:
    """Whether every seed gives a fresh copy the same first output."""
    return all(same(runs.output(runs.copy(), seed), series[0]) for seed in dict.fromkeys(seeds))


def _agree(runs: Runs, seed: int) -> bool:
    """Whether fresh copies agree under one seed."""
    first = runs.output(runs.copy(), seed)
    return all(same(first, runs.output(runs.copy(), seed)) for _ in range(_TRIES))


def _place(runs: Runs, cause: Cause) -> RandomOp:
    """The first op at which two runs differ: two of one copy for state, else of two copies."""
    for _ in range(_TRIES):
        one = runs.copy()
        other = one if cause is Cause.STATE else runs.copy()
        if (site := lockstep.first_difference(_seeded(runs), one, other, cause)) is not None:
            return site
    return lockstep.nowhere(cause)


def _seeded(runs: Runs) -> Callable[[torch.nn.Module], None]:
    def run(model: torch.nn.Module) -> None:
        ready = runs.call.ready()
        rng.seed(0)
        with runs.mode():
            ready(model)

    return run
