"""How a model of the zoo says what the verifier must find in it.

The line of an expected site is not a number: it carries the comment ``# random: Label``, where the
label is the model's name, with ``.mark`` behind it where a model has several such lines. A line
that several models share carries several labels.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import nn

Build = Callable[[], nn.Module]
_Build = TypeVar("_Build", bound=Build)
_LABELS = re.compile(r"#\s*random:\s*([\w. ]+)")
NO_FILE = "(no file)"

X = torch.linspace(-1, 1, 32).reshape(4, 8)
SEQUENCE = torch.linspace(-1, 1, 24).reshape(2, 3, 4)


@dataclass(frozen=True)
class Expected:
    """An expected site. ``mark`` completes the label of its line; `NO_FILE` expects none."""

    op: str
    cause: str = "dropout"
    p: float | None = None
    mark: str = ""
    module: str = ""
    registered: bool = True
    reaches: bool | None = True
    calls: int = 1
    own: bool = False
    declared: str | None = None


@dataclass(frozen=True)
class Case:
    """A model and everything that is expected of its report.

    ``drawn``, ``silent`` and ``lost`` are the dropout calls of train mode as (op, module path);
    ``drawn`` comes in addition to those that are on in eval mode already. ``notes`` are pieces of
    the report's notes, one for each.
    """

    name: str
    build: Build
    verdict: str
    sites: tuple[Expected, ...]
    unused: tuple[Expected, ...]
    inputs: Any
    drawn: tuple[tuple[str, str], ...]
    silent: tuple[tuple[str, str], ...]
    lost: tuple[tuple[str, str], ...]
    train_error: str | None
    notes: tuple[str, ...]
    stuck: tuple[str, ...]
    unused_declarations: tuple[str, ...]
    declared: dict[str, str]
    device: str | None
    grad_mode: str
    spread: str | None
    spread_checked: bool
    forms: tuple[str, ...]

    def line(self, expected: Expected) -> tuple[str | None, int]:
        """File and line of an expected site."""
        if expected.mark == NO_FILE:
            return None, 0
        label = f"{self.name}.{expected.mark}" if expected.mark else self.name
        file = inspect.getsourcefile(inspect.unwrap(self.build))
        assert file is not None
        with open(file, encoding="utf-8") as stream:
            for number, text in enumerate(stream, 1):
                found = _LABELS.search(text)
                if found and label in found[1].split():
                    return file, number
        raise LookupError(f"no line is marked `# random: {label}`")


CASES: list[Case] = []
FORMS = ("factory", "instance")


def case(
    verdict: str,
    *sites: Expected,
    unused: tuple[Expected, ...] = (),
    inputs: Any = (X,),
    drawn: tuple[tuple[str, str], ...] = (),
    silent: tuple[tuple[str, str], ...] = (),
    lost: tuple[tuple[str, str], ...] = (),
    train_error: str | None = None,
    notes: tuple[str, ...] = (),
    stuck: tuple[str, ...] = (),
    unused_declarations: tuple[str, ...] = (),
    declared: dict[str, str] | None = None,
    device: str | None = None,
    grad_mode: str = "inference",
    spread: str | None = "",
    forms: tuple[str, ...] = FORMS,
    name: str | None = None,
) -> Callable[[_Build], _Build]:
    """Enter a model class, or a function that builds a model, into the zoo.

    ``spread`` is the path of the first part of the output that moves, None for an output that does
    not, and unchecked if empty. ``forms`` are the ways in which the model is handed over.
    """

    def enter(build: _Build) -> _Build:
        CASES.append(
            Case(
                name=name or getattr(build, "__name__", ""),
                build=build,
                verdict=verdict,
                sites=sites,
                unused=unused,
                inputs=inputs,
                drawn=drawn,
                silent=silent,
                lost=lost,
                train_error=train_error,
                notes=notes,
                stuck=stuck,
                unused_declarations=unused_declarations,
                declared=declared or {},
                device=device,
                grad_mode=grad_mode,
                spread=spread,
                spread_checked=spread != "",
                forms=forms,
            )
        )
        return build

    return enter
