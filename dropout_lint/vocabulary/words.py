"""The words of an identifier."""

from __future__ import annotations

import re
from functools import cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@cache
def words(name: str) -> frozenset[str]:
    """The lower-case words of an identifier: ``isTrain_step`` -> {is, train, step}."""
    return frozenset(in_order(name))


def in_order(name: str) -> tuple[str, ...]:
    """The lower-case words of an identifier, in their order."""
    return tuple(word.lower() for word in _WORD.findall(name))
