"""The first op at which two runs differ that should be the same: both are hashed op by op.

This is for differences that no generator explains: state of the model, a clock, a kernel. It costs
far more than a watched run, so it is used only once the outputs are known to differ.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from dropout_lint.verify.report.eval_report import Cause, RandomOp, Where
from dropout_lint.verify.running import values
from dropout_lint.verify.running.call import RunsModel
from dropout_lint.verify.running.modes import Quick
from dropout_lint.verify.watching.place import ModulePaths, Place, locate
from dropout_lint.verify.watching.taint import memory, written
from dropout_lint.verify.watching.watch import UNFILLED, spelled

_LIMIT = 200_000


class Hashed(Quick):
    """Hashes the outputs of every op.

    A first run keeps ``steps``. A second run compares with them up to the first step that differs
    and keeps its place. Uninitialised memory is compared once it is written to; an op that reads it
    before then is not the cause, but the call that allocated it.
    """

    def __init__(self, modules: ModulePaths, expected: list[bytes] | None = None) -> None:
        super().__init__()
        self.steps: list[bytes] = []
        self.differing: Place | None = None
        self.op = ""
        self.unfilled = False
        self._expected = expected
        self._modules = modules
        self._unfilled: dict[int, tuple[Place, str]] = {}
        self._alive: list[Any] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if self.differing is not None or len(self.steps) >= _LIMIT:
            return func(*args, **kwargs)
        result = func(*args, **kwargs)
        op = str(func)
        if func in UNFILLED:
            self._alive.append(result)
            self._unfilled[memory(result)] = locate(self._modules, op), op
        step = op.encode() + self._hash(result)
        if self._expected is not None:
            index = len(self.steps)
            if index >= len(self._expected) or step != self._expected[index]:
                self._record_difference(func, op, args, kwargs)
        for value in written(func, args, kwargs):
            self._filled(value)
        self.steps.append(step)
        return result

    def _hash(self, result: Any) -> bytes:
        """A hash of an op's result, or of its form only if that is unfilled memory."""
        if isinstance(result, torch.Tensor) and memory(result) in self._unfilled:
            return str(tuple(result.shape)).encode()
        return values.digest(result)

    def _filled(self, value: Any) -> None:
        for tensor in values.wholes(value):
            if not tensor._is_view():
                self._unfilled.pop(memory(tensor), None)

    def _record_difference(self, func: Any, op: str, args: Any, kwargs: Any) -> None:
        self.differing, self.op = locate(self._modules, op), op
        for tensor in values.wholes((args, kwargs)):
            if memory(tensor) in self._unfilled:
                self.differing, self.op = self._unfilled[memory(tensor)]
                self.unfilled = True


def first_difference(
    run: RunsModel,
    first: torch.nn.Module,
    second: torch.nn.Module,
    cause: Cause,
    differently: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> RandomOp | None:
    """The first op at which two runs differ; None if no op differs.

    ``first`` and ``second`` may be one model: then the second run comes after the first.
    ``differently`` is entered for the second run.
    """
    one = Hashed(ModulePaths(first))
    with one:
        run(first)
    other = Hashed(ModulePaths(second), one.steps)
    with differently(), other:
        run(second)
    if other.differing is None:
        return None
    op = other.differing.called or spelled(other.op)
    if other.unfilled:
        cause = Cause.OUTSIDE  # whatever lay in memory
    return RandomOp(other.differing.where, op, cause, reaches_output=True)


def nowhere(cause: Cause) -> RandomOp:
    """A random op for a difference that no op shows: it arises in plain Python."""
    return RandomOp(Where(None, 0), "plain Python", cause, reaches_output=True)
