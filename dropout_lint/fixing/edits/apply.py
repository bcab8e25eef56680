"""Applying fixes to a text: their order, and which of them overlap."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dropout_lint.diagnostics import Diagnostic, Edit, Fix


@dataclass(frozen=True)
class Applied:
    """A text after one round of fixing, the diagnostics that were fixed, and those postponed."""

    text: str
    fixed: tuple[Diagnostic, ...]
    postponed: tuple[Diagnostic, ...]


def apply_fixes(text: str, fixes: Sequence[tuple[Diagnostic, Fix]]) -> Applied:
    """The text with every fix applied that overlaps no earlier one.

    A fix is applied whole or not at all. One that overlaps an earlier fix is postponed to the next
    round. An edit that several fixes share is made once.
    """
    taken: list[Edit] = []  # in order of their places
    known: set[Edit] = set()
    widest = 0
    fixed: list[Diagnostic] = []
    postponed: list[Diagnostic] = []
    for diagnostic, fix in sorted(fixes, key=lambda pair: pair[0].sort_key):
        new = [edit for edit in fix.edits if edit not in known]
        if any(_overlaps(edit, other) for edit in new for other in _near(edit, taken, widest)):
            postponed.append(diagnostic)
            continue
        for edit in new:
            insort(taken, edit, key=_place)
            widest = max(widest, edit.end - edit.start)
        known.update(new)
        fixed.append(diagnostic)
    return Applied(splice(text, taken), tuple(fixed), tuple(postponed))


def splice(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made; insertions at one place keep their given order."""
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=_place):
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])


def _place(edit: Edit) -> tuple[int, int]:
    return edit.start, edit.end


def _near(edit: Edit, taken: Sequence[Edit], widest: int) -> Sequence[Edit]:
    """The taken edits that could overlap an edit, of which none is wider than ``widest``."""
    first = bisect_left(taken, edit.start - widest, key=lambda other: other.start)
    return taken[first : bisect_right(taken, edit.end, key=lambda other: other.start)]


def _is_line(edit: Edit) -> bool:
    return edit.text[:1] in ("\n", "\r") or edit.text[-1:] in ("\n", "\r")


def _overlaps(one: Edit, other: Edit) -> bool:
    if one.start == one.end and other.start == other.end:  # new lines follow each other
        return one.start == other.start and not (_is_line(one) and _is_line(other))
    if one.start == one.end or other.start == other.end:
        point, wide = (one, other) if one.start == one.end else (other, one)
        return wide.start < point.start < wide.end
    return one.start < other.end and other.start < one.end
