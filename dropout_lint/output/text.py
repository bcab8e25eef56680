"""Text for people: a code frame and the fix for each diagnostic, or one line each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from unicodedata import combining, east_asian_width

from dropout_lint.diagnostics import Diagnostic, Edit, Fix, Safety, Severity
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
    above = max(1, first.row - _CONTEXT)
    below = min(last.row + _CONTEXT, len(source.line_starts))
    if not source.line(below):
        below -= 1
    width = len(str(below))
    bar = paint("|", fg="blue")
    arrow = paint("-->", fg="blue")
    lines = [
        _title(diagnostic, unsafe, paint),
        f"{' ' * width}{arrow} {source.name}:{first.row}:{first.column}",
        f"{' ' * width} {bar}",
    ]
    for row in range(above, below + 1):
        text = _visible(source.line(row))
        number = paint(f"{row:>{width}}", fg="blue")
        lines.append(f"{number} {bar} {text}".rstrip())
        if first.row <= row <= last.row:
            marks = _marks(source, row, diagnostic)
            lines.append(f"{' ' * width} {bar} {paint(marks, fg=_COLOUR[diagnostic.severity])}")
    lines.append(f"{' ' * width} {bar}")
    fix = shown_fix(diagnostic, unsafe)
    if fix is not None:
        lines += _help(source, fix, unsafe, width, paint)
    return "\n".join(lines) + "\n"


def _marks(source: Source, row: int, diagnostic: Diagnostic) -> str:
    """The carets under the part of a row that belongs to the diagnostic."""
    text = source.line(row)
    first, last = diagnostic.location, diagnostic.end_location
    start = first.column - 1 if row == first.row else len(text) - len(text.lstrip())
    end = last.column - 1 if row == last.row else len(text)
    indent = _width(_visible(text[:start]))
    return " " * indent + "^" * max(1, _width(_visible(text[:end])) - indent)


def _visible(text: str) -> str:
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
            lines.append(f"{shown_row} {paint(f'- {_visible(text)}'.rstrip(), fg='red')}")
        for offset, text in enumerate(new):
            shown_row = f"{row + offset:>{width}}"
            lines.append(f"{shown_row} {paint(f'+ {_visible(text)}'.rstrip(), fg='green')}")
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
