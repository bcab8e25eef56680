"""Where the places of a text are after edits."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from dropout_lint.diagnostics import Edit


class Moves:
    """The new offsets after edits that do not overlap."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        self._edits = sorted(set(edits))
        self._starts = [edit.start for edit in self._edits]
        self._shifts = [0]
        for edit in self._edits:
            self._shifts.append(self._shifts[-1] + len(edit.text) - (edit.end - edit.start))

    def of(self, start: int) -> tuple[int, int]:
        """The first and the last offset at which what began at an offset may begin now."""
        at = bisect_left(self._starts, start)
        if at and self._edits[at - 1].end > start:
            edit = self._edits[at - 1]
            first = edit.start + self._shifts[at - 1]
            return first, first + len(edit.text)
        first = last = start + self._shifts[at]
        while at < len(self._edits) and self._edits[at].end == start:
            last += len(self._edits[at].text)
            at += 1
        return first, last
