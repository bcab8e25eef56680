"""Source code as it is drawn on a terminal: the code around a finding, and changed lines.

Both have the layout that ruff uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Protocol
from unicodedata import category, east_asian_width

from dropout_lint.diagnostics import Edit, Location
from dropout_lint.files.source import Source
from dropout_lint.fixing.edits.apply import splice
from dropout_lint.output.paint import Paint

_CONTEXT = 2  # rows of context around a finding
_MARGIN = 1  # and around a change
_TAB = 4
# A long line is shown in part: this many columns of it, and so many before the finding.
_COLUMNS = 140
_BEFORE = 20
# Of a finding over more rows than these, the ones in the middle are left out.
_MOST_ROWS = 8
_HEAD, _TAIL = 4, 2
# Control characters in a file must have no effect on the terminal.
_VISIBLE = {code: 0x2400 + code for code in range(32) if chr(code) != "\t"}
_VISIBLE |= {127: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
_VISIBLE |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD)  # turn text
_COLOUR = {"-": "red", "+": "green"}
_LINE_END = re.compile(r"\r\n|\r|\n")


class Span(Protocol):
    """A place in a source: a diagnostic, or a line that the verifier names."""

    @property
    def location(self) -> Location: ...

    @property
    def end_location(self) -> Location: ...


def visible(text: str) -> str:
    """A text of one line without control characters, tabs expanded."""
    return text.translate(_VISIBLE).expandtabs(_TAB)


def last_row(source: Source, diagnostic: Span) -> int:
    """The last row that `code_frame` draws."""
    return _rows(source, diagnostic)[-1]


def code_frame(
    source: Source, diagnostic: Span, width: int, paint: Paint, colour: str
) -> list[str]:
    """The lines of code around a finding, with the finding marked."""
    first, last = diagnostic.location, diagnostic.end_location
    bar = f"{' ' * width} {paint('|', fg='blue')}"
    several = first.row < last.row
    window = _window(source, diagnostic)
    lines = [bar]
    for row in _shown(_rows(source, diagnostic), first.row, last.row):
        if row is None:
            lines.append(f"{' ' * (width - 1)}… {paint('|', fg='blue')} {paint('|', fg=colour)}")
            continue
        inside = several and first.row < row <= last.row
        edge = f"{paint('|', fg=colour) if inside else ' '} " if several else ""
        number = f"{paint(f'{row:>{width}} |', fg='blue')} "
        lines.append(f"{number}{edge}{window.cut(visible(source.line(row)))}".rstrip())
        if several and row in (first.row, last.row):
            at = first.column - 1 if row == first.row else max(last.column - 2, 0)
            column = window.column(source, row, at)
            mark = f"{' ' if row == first.row else '|'}{'_' * (column + 1)}^"
            lines.append(f"{bar} {paint(mark, fg=colour)}")
        elif row == first.row:
            start = window.column(source, row, first.column - 1)
            end = window.column(source, row, last.column - 1)
            lines.append(f"{bar} {' ' * start}{paint('^' * max(1, end - start), fg=colour)}")
    return [*lines, bar]


def _rows(source: Source, diagnostic: Span) -> range:
    """The finding's rows and those around it, without blank ones at either end."""
    first, last = diagnostic.location.row, diagnostic.end_location.row
    above, below = max(1, first - _CONTEXT), min(last + _CONTEXT, len(source.line_starts))
    while above < first and not source.line(above).strip():
        above += 1
    while below > last and not source.line(below).strip():
        below -= 1
    return range(above, below + 1)


def _shown(rows: range, first: int, last: int) -> Iterator[int | None]:
    """The rows to draw; None for a gap."""
    if last - first < _MOST_ROWS:
        yield from rows
        return
    yield from range(rows[0], first + _HEAD)
    yield None
    yield from range(last - _TAIL + 1, rows[-1] + 1)


# --- columns ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Window:
    """The columns of a piece of code that are shown, from ``left`` on."""

    left: int = 0

    def cut(self, text: str) -> str:
        kept: list[str] = []
        right = self.left + _COLUMNS
        at = 0
        for character in text:
            start, at = at, at + _columns_of(character)
            if self.left <= start and at <= right:
                kept.append(character)
            elif start < self.left < at:  # half of a wide one
                kept.append(" " * (at - self.left))
        if self.left and at:
            kept = ["…" + " " * (columns(kept[0]) - 1 if kept else 0), *kept[1:]]
        if at > right:
            kept[-1] = "…"
        return "".join(kept)

    def column(self, source: Source, row: int, offset: int) -> int:
        """The column of a character of a row, from 0."""
        column = columns(visible(source.line(row)[:offset])) - self.left
        return min(max(column, 0), _COLUMNS)


def _window(source: Source, diagnostic: Span) -> _Window:
    """The columns to show: from the left margin if the finding fits, else from a bit before it."""
    first, last = diagnostic.location, diagnostic.end_location
    line = source.line(first.row)
    start = columns(visible(line[: first.column - 1]))
    end = columns(visible(line[: last.column - 1])) if first.row == last.row else start + 1
    return _Window(0 if end < _COLUMNS else max(0, start - _BEFORE))


def columns(text: str) -> int:
    """The number of columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if category(character) in ("Mn", "Me", "Cf"):  # written over or into the one before
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


# --- changed lines ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A line of a change: ``sign`` is ``" "``, ``"-"`` or ``"+"``.

    ``row`` is its row after the change; 0 for a removed line.
    """

    row: int
    sign: str
    text: str


def change_frame(hunks: Sequence[Sequence[Line]], width: int, paint: Paint) -> list[str]:
    """The drawing of a change: removed and added lines, with a line of context around them."""
    bar = f"{' ' * width} {paint('|', fg='blue')}"
    lines = [bar]
    for number, hunk in enumerate(hunks):
        if number:
            lines.append(f"{' ' * (width - 1)}… {paint('|', fg='blue')}")
        for line in hunk:
            place = f"{line.row:>{width}}" if line.row else " " * width
            text = visible(line.text)
            if line.sign == " ":
                lines.append(f"{paint(f'{place} |', fg='blue')} {text}".rstrip())
            else:
                text = paint(f"{line.sign} {text}".rstrip(), fg=_COLOUR[line.sign])
                lines.append(f"{paint(place, fg='blue')} {text}")
    return [*lines, bar]


def hunks(source: Source, edits: Sequence[Edit]) -> Iterator[list[Line]]:
    """The lines that some edits change, in groups of neighbouring lines."""
    shift = 0
    for region in _regions(source, edits):
        first = max(1, source.location(region[0].start).row - _MARGIN)
        last = source.location(max(edit.end for edit in region)).row
        last = max(last, min(last + _MARGIN, _last_row(source)))
        start = source.line_starts[first - 1]
        end = source.line_starts[last - 1] + len(source.line(last))
        inner = [Edit(edit.start - start, edit.end - start, edit.text) for edit in region]
        old = _LINE_END.split(source.text[start:end])
        new = _LINE_END.split(splice(source.text[start:end], inner))
        for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_MARGIN):
            lines: list[Line] = []
            for tag, old_from, old_to, new_from, new_to in group:
                sign = " " if tag == "equal" else "+"
                if sign == "+":
                    lines += [Line(0, "-", text) for text in old[old_from:old_to]]
                for at in range(new_from, new_to):
                    lines.append(Line(first + shift + at, sign, new[at]))
            yield lines
        shift += len(new) - len(old)


def _last_row(source: Source) -> int:
    """The last row, not counting the empty one after the final line end."""
    rows = len(source.line_starts)
    return rows if source.line(rows) else max(1, rows - 1)


def _regions(source: Source, edits: Sequence[Edit]) -> list[list[Edit]]:
    """The edits in groups whose lines of context do not overlap."""
    regions: list[list[Edit]] = []
    end = 0
    for edit in sorted(edits):
        row = source.location(edit.start).row
        if regions and row <= end + 2 * _MARGIN + 1:
            regions[-1].append(edit)
        else:
            regions.append([edit])
        end = max(end, source.location(edit.end).row)
    return regions
