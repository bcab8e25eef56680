"""The refusal of the module form, and results that are computed once, refusals included."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Refusal(Exception):
    """The reason why the module form is not offered, in one sentence."""


class RefusableResults:
    """Results that are computed once for a file, refusals included."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The result for a key. Raises `Refusal` at every call if computing it did."""
        if key not in self._known:
            try:
                self._known[key] = compute()
            except Refusal as refusal:
                self._known[key] = refusal
        result: T | Refusal = self._known[key]
        if isinstance(result, Refusal):
            raise result
        return result
