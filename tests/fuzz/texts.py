"""The texts by number: each is the same on every machine and in every process."""

from __future__ import annotations

import random
from collections.abc import Iterable

from . import checks
from .mutations import mutate
from .seeds import seeds


def text_of(number: int) -> str:
    """The text with a number."""
    rng = random.Random(number)
    sources = seeds()
    return mutate(rng.choice(sources), rng.choice(sources), rng)


def failing(numbers: Iterable[int]) -> list[tuple[int, str]]:
    """The failures among the texts with these numbers; each is fixed in one form, in turn."""
    forms = list(checks.FIXES)
    return [
        (n, failure)
        for n in numbers
        for failure in checks.failures(text_of(n), [forms[n % len(forms)]])
    ]
