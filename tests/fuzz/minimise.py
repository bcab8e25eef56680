"""Making a failing text small: lines first, then tokens, as long as it fails in the same way."""

from __future__ import annotations

from collections.abc import Callable

from .mutations import _TOKENS


def minimise(text: str, fails: Callable[[str], bool], budget: int = 400) -> str:
    """A smaller text for which ``fails`` holds; ``budget`` is how many texts are tried."""
    left = [budget]
    for split in (lambda t: t.splitlines(keepends=True), _TOKENS.findall):
        text = _smaller(split(text), fails, left)
    return text


def _smaller(parts: list[str], fails: Callable[[str], bool], left: list[int]) -> str:
    """The parts without those that are not needed: half of them at first, then ever fewer."""
    size = max(1, len(parts) // 2)
    while left[0] > 0:
        at, changed = 0, False
        while at < len(parts) and left[0] > 0:
            rest = parts[:at] + parts[at + size :]
            left[0] -= 1
            if rest and fails("".join(rest)):
                parts, changed = rest, True
            else:
                at += size
        if size == 1 and not changed:
            break
        size = max(1, size // 2) if not changed else size
        size = min(size, max(1, len(parts) // 2))
    return "".join(parts)
