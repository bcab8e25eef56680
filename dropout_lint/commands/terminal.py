"""What the commands print, where, and the exit codes that they share."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

import click

from dropout_lint.files.names import shown
from dropout_lint.files.source import reason

if TYPE_CHECKING:
    from dropout_lint.output.paint import Paint

OK, FINDINGS, FAILURE = 0, 1, 2


def fail(sentence: str) -> int:
    """The exit code of a failure, once a sentence about it is on stderr."""
    click.echo(f"dropout-lint: {shown(sentence)}", err=True)
    return FAILURE


def paint_for(stream: TextIO, output_file: str | None) -> Paint:
    from dropout_lint.output.paint import plain

    if output_file is not None or os.environ.get("NO_COLOR"):
        return plain
    return click.style if os.environ.get("FORCE_COLOR") or stream.isatty() else plain


def write_report(report: str | bytes, output_file: str | None, to_stderr: bool = False) -> int:
    """The exit code of printing the report or writing it to a file."""
    if output_file is None:
        if isinstance(report, bytes):
            print_bytes(report)
        else:  # coloured already where it should be
            click.echo(report, nl=False, color=True, err=to_stderr)
        return OK
    data = report if isinstance(report, bytes) else report.encode("utf-8", "surrogateescape")
    try:
        with open(output_file, "wb") as file:
            file.write(data)
    except OSError as error:
        return fail(f"{output_file}: the report cannot be written, {reason(error)}")
    return OK


def print_bytes(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
