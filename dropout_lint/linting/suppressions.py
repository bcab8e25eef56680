"""Comments for the linter: ``# noqa``, ``# dropout-lint: ignore[…]``, ``… intentional``.

``# noqa`` is read exactly as flake8 7 reads it, so that the command and the plugin agree; in
addition it counts on the last line of a call that spans lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dropout_lint.diagnostics import Diagnostic
from dropout_lint.files.source import Source

# flake8's own pattern (flake8/defaults.py, 7.5).
_NOQA = re.compile(r"# noqa(?::[\s]?(?P<codes>([A-Z]+[0-9]+(?:[,\s]+)?)+))?", re.IGNORECASE)
_NOQA_FILE = re.compile(r"(?:^|[\r\n])[^\S\r\n]*# flake8[:=][^\S\r\n]*noqa", re.IGNORECASE)
_OWN = re.compile(
    r"#\s*dropout-lint:\s*(?P<verb>ignore|intentional|skip-file)\b"
    r"(?:\s*\[(?P<codes>[^\]]*)\])?[\s:]*(?P<reason>[^#]*)",
    re.IGNORECASE,
)

# So many rows a comment may stand above the last one of its group.
_GROUP = 12


def row_of_exemption(source: Source, respect_noqa: bool) -> int | None:
    """The row of the comment that switches the linter off for the whole file; None without one."""
    # As flake8 does: any line that begins so, in a string too, and whatever codes follow.
    if respect_noqa and (noqa := _NOQA_FILE.search(source.text)):
        return source.location(noqa.end()).row
    if not any(own["verb"].lower() == "skip-file" for own in _OWN.finditer(source.text)):
        return None
    for row, comment in source.comments.items():
        own = _OWN.search(comment)
        if own is not None and own["verb"].lower() == "skip-file":
            return row
    return None


def suppressed_by(
    source: Source, diagnostic: Diagnostic, statement: int, respect_noqa: bool
) -> str | None:
    """The kind of comment that suppresses the diagnostic: ``noqa``, ``ignored``, or None.

    ``statement`` is the first row of the statement around it: our own comments count above it too.
    """
    first, last = diagnostic.location.row, diagnostic.end_location.row
    if respect_noqa and any(noqa_at(source, row, diagnostic.code) for row in {first, last}):
        return "noqa"
    for comment in (*beside(source, first, last), *above(source, statement)):
        own = _OWN.search(comment)
        if own is not None and own["verb"].lower() == "ignore":
            if _covers(own["codes"], diagnostic.code):
                return "ignored"
    return None


def noqa_at(source: Source, row: int, code: str) -> bool:
    """Whether flake8 finds a ``# noqa`` for the code of a finding in a row."""
    noqa = _NOQA.search(_noqa_text(source, row))
    return noqa is not None and _covers(noqa["codes"], code)


def _noqa_text(source: Source, row: int) -> str:
    """The text in which flake8 looks for ``# noqa``: the row and the rows that are joined to it."""
    first, last = source.joined_rows.get(row, (row, row))
    return "\n".join(source.line(row) for row in range(first, last + 1))


def marked_intentional(source: Source, diagnostic: Diagnostic, statement: int) -> str | None:
    """The reason given with an intent marker beside the diagnostic or above its statement."""
    rows = (diagnostic.location.row, diagnostic.end_location.row)
    return intent_marker((*beside(source, *rows), *above(source, statement)))


def intent_marker(lines: Iterable[str]) -> str | None:
    """The reason in the first intent marker among some lines; None without a marker."""
    for line in lines:
        own = _OWN.search(line)
        if own is not None and own["verb"].lower() == "intentional":
            return own["reason"].strip() or "marked as intentional"
    return None


def beside(source: Source, first: int, last: int) -> Iterator[str]:
    """The comments on the rows of a piece of code and in the block of comments right above it."""
    comments = source.comments
    for row in range(first, last + 1):
        if row in comments:
            yield comments[row]
    yield from above(source, first)


def above(source: Source, row: int) -> Iterator[str]:
    """The block of comments right above a row, from below."""
    comments = source.comments
    row -= 1
    while row in comments and source.line(row).lstrip().startswith("#"):
        yield comments[row]
        row -= 1


def above_group(source: Source, row: int) -> Iterator[str]:
    """The closest block of comments above the lines that a row stands among.

    The lines follow each other without an empty one, and none of them is indented less than the
    comment.
    """
    limit = len(source.line(row)) - len(source.line(row).lstrip())
    for at in range(row - 1, max(0, row - _GROUP), -1):
        line = source.line(at).lstrip()
        indent = len(source.line(at)) - len(line)
        if not line or line.startswith(("def ", "class ", "async ", "return")):
            return
        if line.startswith("#") and at in source.comments and indent <= limit:
            yield from above(source, at + 1)
            return
        limit = min(limit, indent)


def _covers(codes: str | None, code: str) -> bool:
    """Codes are prefixes and compare case-sensitively, as in flake8; none at all covers all."""
    if codes is None or not codes.strip():
        return True
    return any(code.startswith(part) for part in re.split(r"[,\s]+", codes) if part)
