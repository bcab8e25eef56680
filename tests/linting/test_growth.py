"""Shapes whose work once grew with the square of their size: it grows with their size.

Counted are calls of functions, not seconds.
"""

from __future__ import annotations

import sys
import threading
from types import FrameType
from typing import Any

import pytest
from support.linting import fixed

from dropout_lint.semantics.driving.builds import Builds

HEAD = "import torch.nn.functional as F\nfrom torch import nn\n\n\n"
FORWARD = "class Net(nn.Module):\n    def forward(self, x, a=None):\n"


def of_lines(line: str, n: int) -> str:
    body = "".join(f"        {line.replace('@', str(i))}\n" for i in range(n))
    return f"{HEAD}{FORWARD}{body}        return x\n"


def of_classes(members: str, n: int) -> str:
    return HEAD + "".join(f"class N{i}(nn.Module):\n{members}\n\n" for i in range(n))


def chain_of_classes(n: int) -> str:
    first = "class A0(nn.Module):\n    def forward(self, x):\n        return F.dropout(x)\n\n\n"
    more = "    def forward(self, x):\n        return super().forward(x)\n\n\n"
    return HEAD + first + "".join(f"class A{i + 1}(A{i}):\n{more}" for i in range(n))


SHAPES = {
    "results with a name each": lambda n: of_lines("x@ = F.dropout(x, 0.5)", n),
    "results in one branch": lambda n: of_lines("v@ = 1 if a else F.dropout(x, 0.5)", n),
    "chain of classes": chain_of_classes,
    "calls of a model": lambda n: (
        f"{HEAD}def run(model, x):\n    model.eval()\n"
        + "    model(F.dropout(x))\n" * n
        + "    return x\n"
    ),
    "drops": lambda n: of_lines("x = F.dropout(x, 0.5)", n),
    "rates": lambda n: of_lines("x = F.dropout(x, 0.1@1)", n),
    "fresh layers": lambda n: of_lines("x = nn.Dropout(0.5)(x)", n),
    "classes": lambda n: of_classes("    def forward(self, x):\n        return F.dropout(x)", n),
    "lists of layers": lambda n: of_classes(
        "    def __init__(self):\n        super().__init__()\n"
        "        self.d = [nn.Dropout(0.5)]\n\n"
        "    def forward(self, x):\n        return self.d[0](x)",
        n,
    ),
    "helpers": lambda n: (
        HEAD
        + "".join(f"def drop{i}(x):\n    return F.dropout(x)\n\n\n" for i in range(n))
        + of_lines("x = drop@(x)", n).removeprefix(HEAD)
    ),
}


def calls_of_fixing(code: str) -> int:
    count = 0

    def profile(frame: FrameType, event: str, arg: object) -> None:
        nonlocal count
        count += event == "call"

    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        fixed(code, unsafe_fixes=True)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    return count


@pytest.mark.parametrize("name", SHAPES)
def test_work_grows_with_the_size(name: str) -> None:
    fixed(SHAPES[name](1))
    small, large = (calls_of_fixing(SHAPES[name](n)) for n in (10, 60))
    assert large < small * 7


def functions_that_call_each_other(n: int) -> str:
    """A training loop over n functions, each of which calls eight others."""
    calls = "".join(f" + f{{{at}}}(x)" for at in range(8))
    functions = "".join(
        f"def f{i}(x):\n    return F.dropout(x)"
        + calls.format(*((i + at) % n for at in range(1, 9)))
        + "\n\n\n"
        for i in range(n)
    )
    return HEAD + functions + LOOP


LOOP = """\
def fit(model, batches, optimizer):
    for x in batches:
        optimizer.zero_grad()
        f0(model(x)).mean().backward()
        optimizer.step()
        model.eval()
"""


def test_not_all_paths_between_functions_are_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    followed = 0
    function_of = Builds.function_of

    def counting(self: Builds, *args: Any) -> Any:
        nonlocal followed
        followed += 1
        return function_of(self, *args)

    monkeypatch.setattr(Builds, "function_of", counting)
    fixed(functions_that_call_each_other(10))
    assert 0 < followed < 30_000  # of 94,000 paths of four calls
