"""How text is coloured. It stands alone: a run that finds nothing asks too, and imports no more."""

from __future__ import annotations

from collections.abc import Callable

Paint = Callable[..., str]


def plain(text: str, **_: object) -> str:
    """A `Paint` that paints nothing."""
    return text
