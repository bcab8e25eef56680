"""Where two runs that should be the same part: both are hashed op by op.

For differences that no generator explains: state that the model keeps, a clock, a kernel. Costs far
more than a watched run, so it is used only once the outputs are known to differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from dropout_lint.verify import rng, values
from dropout_lint.verify.call import Call
from dropout_lint.verify.report import Cause, Site, Where
from dropout_lint.verify.watch import spelled
from dropout_lint.verify.where import Modules, Place, locate

_LIMIT = 200_000


@dataclass(frozen=True)
class Step:
    op: str
    inputs: bytes
    outputs: bytes


class Hashed(TorchDispatchMode):
    """Hashes the inputs and outputs of every op.

    A first run keeps ``steps``; a second one that is given them stops comparing at the first step
    that differs and keeps its place.
    """

    def __init__(self, modules: Modules, expected: list[Step] | None = None) -> None:
        super().__init__()
        self.steps: list[Step] = []
        self.parted: Place | None = None
        self.op = ""
        self.by_input = False
        self._expected = expected
        self._modules = modules

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if self.parted is not None or len(self.steps) >= _LIMIT:
            return func(*args, **kwargs)
        name = str(func)
        before = values.digest((args, kwargs))
        result = func(*args, **kwargs)
        uninitialised = name.startswith(("aten.empty", "aten.new_empty"))
        step = Step(name, before, b"" if uninitialised else values.digest(result))
        if self._expected is not None:
            index = len(self.steps)
            expected = self._expected[index] if index < len(self._expected) else None
            if step != expected:
                self.parted = locate(self._modules)
                self.op = name
                self.by_input = expected is None or expected.inputs != before
        self.steps.append(step)
        return result


def parting(
    call: Call, first: torch.nn.Module, second: torch.nn.Module, cause: Cause, seed: int
) -> Site | None:
    """The first op at which two runs under one seed part; None if they part in no op at all.

    ``first`` and ``second`` may be one model: then the second run comes after the first.
    """
    one = _hashed(call, first, seed, None)
    other = _hashed(call, second, seed, one.steps)
    if other.parted is None:
        return None
    op = other.parted.called or spelled(other.op)
    return Site(other.parted.where, op, cause, reaches_output=True)


def _hashed(call: Call, model: torch.nn.Module, seed: int, expected: list[Step] | None) -> Hashed:
    run, mode = call.ready(), Hashed(Modules(model), expected)
    rng.seed(seed)
    with mode:
        run(model)
    return mode


def nowhere(cause: Cause) -> Site:
    """A site for a difference that no op shows: it arises in plain Python."""
    return Site(Where(None, 0), "plain Python", cause, reaches_output=True)
