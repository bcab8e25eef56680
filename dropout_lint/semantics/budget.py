"""How much interpreting one file may take, counted so that every machine comes to the same end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

# The most that one of 1,400 real files takes is 21,190 (a sample, with every rule on).
MOST_STEPS = 400_000
# How deep the runs of functions that ask what other functions return may be nested.
MOST_NESTED = 100


class OverBudget(Exception):
    """The interpretation of a file took more steps than it may."""


class Steps:
    """The steps that are left for a file; one is the evaluation of one expression in one mode."""

    def __init__(self, left: int | None = None) -> None:
        self.left = MOST_STEPS if left is None else left
        self._nested = 0

    @property
    def are_over(self) -> bool:
        """Whether more steps were taken than there are."""
        return self.left < 0

    @contextmanager
    def nested(self) -> Iterator[bool]:
        """Run a function within another run; whether that is not too deep."""
        self._nested += 1
        try:
            yield self._nested <= MOST_NESTED
        finally:
            self._nested -= 1

    def take(self, count: int = 1) -> None:
        """Count steps. Raises OverBudget when none are left."""
        self.left -= count
        if self.left < 0:
            raise OverBudget
