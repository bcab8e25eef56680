"""Text for people: a code frame and the fix for each diagnostic, or one line each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from unicodedata import combining, east_asian_width

from dropout_lint.diagnostics import Diagnostic, Edit, Fix, Location, Safety, Severity
from dropout_lint.fixing.apply import splice
from dropout_lint.linter import chosen_fix
from dropout_lint.output.selected import shown, shown_fix
from dropout_lint.report import Report
from dropout_lint.source import Source

Paint = Callable[..., str]
_COLOUR = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_CONTEXT = 2
# A terminal must not obey what stands in a file.
_VISIBLE = {code: 0x2400 + code for code in range(32) if chr(code) != "\t"}
_VISIBLE |= {127: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)


def plain(text: str, **_: object) -> str:
    """A `Paint` that paints nothing."""
    return text


def render(
    reports: Sequence[Report], show_intentional: bool, unsafe: bool, paint: Paint = plain
) -> str:
    """A block a diagnostic: what, where, the code, and what to do about it."""
    blocks = [
        _block(report.source, diagnostic, unsafe, paint)
        for report in reports
        for diagnostic in shown(report, show_intentional)
    ]
    return "\n".join(blocks) + "\n" if blocks else ""


def render_concise(
    reports: Sequence[Report], show_intentional: bool, unsafe: bool, paint: Paint = plain
) -> str:
    """A line a diagnostic: ``path:row:column: code message``."""
    lines = []
    for report in reports:
        for diagnostic in shown(report, show_intentional):
            at = diagnostic.location
            place = f"{paint(report.source.name, bold=True)}:{at.row}:{at.column}"
            lines.append(f"{place}: {_title(diagnostic, unsafe, paint)}\n")
    return "".join(lines)


def _title(diagnostic: Diagnostic, unsafe: bool, paint: Paint) -> str:
    code = paint(diagnostic.code, fg=_COLOUR[diagnostic.severity], bold=True)
    mark = " [*]" if chosen_fix(diagnostic, unsafe) is not None else ""
    note = f" [intentional: {diagnostic.intentional}]" if diagnostic.intentional else ""
    return f"{code}{paint(mark, fg='cyan')} {diagnostic.message}{paint(note, fg='cyan')}"


def _block(source: Source, diagnostic: Diagnostic, unsafe: bool, paint: Paint) -> str:
    first, last = diagnostic.location, diagnostic.end_location
    lines = [_title(diagnostic, unsafe, paint)]
    lines += frame(source, first, last, _COLOUR[diagnostic.severity], paint)
    fix = shown_fix(diagnostic, unsafe)
    if fix is not None:
        lines += _help(source, fix, unsafe, _number_width(source, last.row), paint)
    return "\n".join(lines) + "\n"


def frame(source: Source, first: Location, last: Location, colour: str, paint: Paint) -> list[str]:
    """The place, the lines around it, and carets under it."""
    above, below = max(1, first.row - _CONTEXT), _below(source, last.row)
    width = _number_width(source, last.row)
    bar = paint("|", fg="blue")
    arrow = paint("-->", fg="blue")
    lines = [
        f"{' ' * width}{arrow} {source.name}:{first.row}:{first.column}",
        f"{' ' * width} {bar}",
    ]
    for row in range(above, below + 1):
        text = visible(source.line(row))
        number = paint(f"{row:>{width}}", fg="blue")
        lines.append(f"{number} {bar} {text}".rstrip())
        if first.row <= row <= last.row:
            marks = _marks(source, row, first, last)
            lines.append(f"{' ' * width} {bar} {paint(marks, fg=colour)}")
    return [*lines, f"{' ' * width} {bar}"]


def _below(source: Source, row: int) -> int:
    """The last row that is shown where a place ends in a row."""
    below = min(row + _CONTEXT, len(source.line_starts))
    return below if source.line(below) else below - 1


def _number_width(source: Source, row: int) -> int:
    return len(str(_below(source, row)))


def _marks(source: Source, row: int, first: Location, last: Location) -> str:
    """The carets under the part of a row that lies between two locations."""
    text = source.line(row)
    start = first.column - 1 if row == first.row else len(text) - len(text.lstrip())
    end = last.column - 1 if row == last.row else len(text)
    indent = _width(visible(text[:start]))
    return " " * indent + "^" * max(1, _width(visible(text[:end])) - indent)


def visible(text: str) -> str:
    """A line with its control characters as pictures of them."""
    return text.translate(_VISIBLE).expandtabs(4)


def _width(text: str) -> int:
    """The columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    wide = sum(east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(map(bool, map(combining, text)))


def _help(source: Source, fix: Fix, unsafe: bool, width: int, paint: Paint) -> list[str]:
    lines = [f"{paint('help', fg='cyan', bold=True)}: {fix.message}"]
    if fix.safety is Safety.UNSAFE:
        lines[0] += paint(" (unsafe fix)", fg="yellow")
        if not unsafe:
            return lines
    for number, (row, old, new) in enumerate(hunks(source, fix.edits)):
        if number:
            lines.append(f"{' ' * width} {paint('…', fg='blue')}")
        for offset, text in enumerate(old):
            shown_row = f"{row + offset:>{width}}"
            lines.append(f"{shown_row} {paint(f'- {visible(text)}'.rstrip(), fg='red')}")
        for offset, text in enumerate(new):
            shown_row = f"{row + offset:>{width}}"
            lines.append(f"{shown_row} {paint(f'+ {visible(text)}'.rstrip(), fg='green')}")
    return lines


def hunks(source: Source, edits: Sequence[Edit]) -> list[tuple[int, list[str], list[str]]]:
    """The changed lines of some edits: first row, old lines, new lines; one tuple a region."""
    regions: list[list[Edit]] = []
    for edit in sorted(edits):
        row = source.location(edit.start).row
        if regions and row <= source.location(regions[-1][-1].end).row:
            regions[-1].append(edit)
        else:
            regions.append([edit])
    found = []
    for region in regions:
        first = source.location(region[0].start).row
        last = source.location(max(edit.end for edit in region)).row
        start = source.line_starts[first - 1]
        old = "\n".join(source.line(row) for row in range(first, last + 1))
        end = source.line_starts[last - 1] + len(source.line(last))
        inner = [Edit(e.start - start, e.end - start, e.text) for e in region]
        new = splice(source.text[start:end], inner)
        before, after = old.split("\n"), new.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        while before and after and before[0] == after[0]:
            before, after, first = before[1:], after[1:], first + 1
        while before and after and before[-1] == after[-1]:
            before, after = before[:-1], after[:-1]
        found.append((first, before, after))
    return found
