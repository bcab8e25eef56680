"""What the linter makes of a text, kept for the next time that it is asked for the same text.

A check lints one text many times: with each choice of rules, in each style of fixing, and once more
when it is fixed. What the text means is the same each time; the screens, the rules, the comments
and the fixes, which do differ, are run each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from dropout_lint.semantics import model

_MADE: dict[str, Callable[..., Any]] = {"Tree": model.Tree, "SemanticModel": model.SemanticModel}


@contextmanager
def remembered(*names: str) -> Iterator[None]:
    """Make a `Tree`, or a `SemanticModel`, of equal arguments once; no file around may change."""
    with patch.multiple(model, **{name: _once(_MADE[name]) for name in names}):
        yield


def _once(make: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[tuple[Any, ...], Any] = {}

    def made(*arguments: Any) -> Any:
        if arguments not in known:
            known[arguments] = make(*arguments)
        return known[arguments]

    return made
