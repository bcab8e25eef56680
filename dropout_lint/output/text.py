"""Text for people: a code frame and the fix for each diagnostic, or one line each."""

from __future__ import annotations

from collections.abc import Sequence

from dropout_lint.diagnostics import Diagnostic, Fix, Safety, Severity
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import chosen_fix
from dropout_lint.linting.report import Report
from dropout_lint.output.frame import (
    change_frame,
    code_frame,
    hunks,
    last_row,
    visible,
)
from dropout_lint.output.paint import Paint, plain
from dropout_lint.output.selected import shown, shown_fix

_COLOUR = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


def render(
    reports: Sequence[Report], show_intentional: bool, unsafe: bool, paint: Paint = plain
) -> str:
    """A block for each diagnostic: the message, the place, the code and the fix."""
    blocks = [
        _block(report.source, diagnostic, unsafe, paint)
        for report in reports
        for diagnostic in shown(report, show_intentional)
    ]
    return "\n".join(blocks) + "\n" if blocks else ""


def render_concise(
    reports: Sequence[Report], show_intentional: bool, unsafe: bool, paint: Paint = plain
) -> str:
    """A line for each diagnostic: ``path:row:column: code message``."""
    lines = []
    for report in reports:
        for diagnostic in shown(report, show_intentional):
            at = diagnostic.location
            name = paint(visible(report.source.name), bold=True)
            place = f"{name}:{at.row}:{at.column}"
            lines.append(f"{place}: {_title(diagnostic, unsafe, paint)}\n")
    return "".join(lines)


def _title(diagnostic: Diagnostic, unsafe: bool, paint: Paint) -> str:
    title = f"{paint(diagnostic.code, fg=_colour(diagnostic), bold=True)} "
    if chosen_fix(diagnostic, unsafe) is not None:
        title += f"{paint('[*]', fg='cyan')} "
    title += visible(diagnostic.message)
    if diagnostic.intentional:
        title += paint(f" [intentional: {visible(diagnostic.intentional)}]", fg="cyan")
    return title


def _colour(diagnostic: Diagnostic) -> str:
    return "blue" if diagnostic.intentional else _COLOUR[diagnostic.severity]


def _block(source: Source, diagnostic: Diagnostic, unsafe: bool, paint: Paint) -> str:
    at = diagnostic.location
    fix = shown_fix(diagnostic, unsafe)
    in_full = fix is not None and (unsafe or fix.safety is Safety.SAFE)
    change = list(hunks(source, fix.edits)) if fix is not None and in_full else []
    rows = [last_row(source, diagnostic), *(line.row for hunk in change for line in hunk)]
    width = len(str(max(rows)))
    lines = [
        _title(diagnostic, unsafe, paint),
        f"{' ' * width}{paint('-->', fg='blue')} {visible(source.name)}:{at.row}:{at.column}",
        *code_frame(source, diagnostic, width, paint, _colour(diagnostic)),
    ]
    if fix is not None:
        lines.append(_help(fix, paint))
    if change:
        lines += change_frame(change, width, paint)
    return "\n".join(lines) + "\n"


def _help(fix: Fix, paint: Paint) -> str:
    unsafe = fix.safety is Safety.UNSAFE
    note = paint(" (unsafe fix)", fg="yellow") if unsafe else ""
    return f"{paint('help', fg='cyan', bold=True)}: {visible(fix.message)}{note}"
