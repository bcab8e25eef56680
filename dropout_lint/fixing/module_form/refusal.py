"""The answer of everything that cannot promise that a module changes nothing else."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Refused(Exception):
    """Why the module form is not offered, in one sentence."""


class Answers:
    """Answers that are worked out once for a file, refusals included."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}

    def get(self, key: Hashable, work: Callable[[], T]) -> T:
        """The answer for a key. Raises `Refused` as often as it is asked for."""
        if key not in self._known:
            try:
                self._known[key] = work()
            except Refused as refused:
                self._known[key] = refused
        answer: T | Refused = self._known[key]
        if isinstance(answer, Refused):
            raise answer
        return answer
