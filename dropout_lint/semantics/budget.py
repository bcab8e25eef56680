"""How much interpreting one file may take, counted so that every machine comes to the same end."""

from __future__ import annotations

# The most that one of 1,400 real files takes is 21,190 (a sample, with every rule on).
MOST_STEPS = 3_000_000


class OverBudget(Exception):
    """The interpretation of a file took more steps than it may."""


class Steps:
    """The steps that are left for a file; one is the evaluation of one expression in one mode."""

    def __init__(self, left: int | None = None) -> None:
        self.left = MOST_STEPS if left is None else left

    @property
    def are_over(self) -> bool:
        """Whether more steps were taken than there are."""
        return self.left < 0

    def take(self, count: int = 1) -> None:
        """Count steps. Raises OverBudget when none are left."""
        self.left -= count
        if self.left < 0:
            raise OverBudget
