"""Unified diffs of what fixing changes, in bytes, for `git apply` and `patch -p1`."""

from __future__ import annotations

import difflib
import io
import os
from collections.abc import Sequence

from dropout_lint.files.names import quoted
from dropout_lint.linting.report import Outcome


def render(outcomes: Sequence[Outcome]) -> bytes:
    """The diffs of the changed files, each in the file's own encoding."""
    return b"".join(_diff(outcome) for outcome in outcomes if outcome.fixed)


def _diff(outcome: Outcome) -> bytes:
    path = os.fsencode(outcome.path.replace(os.sep, "/").lstrip("/"))
    lines = difflib.diff_bytes(
        difflib.unified_diff,
        io.BytesIO(outcome.before).readlines(),  # LF is the only line end of a diff
        io.BytesIO(outcome.after).readlines(),
        _named(b"a/" + path),
        _named(b"b/" + path),
    )
    return b"".join(
        line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"
        for line in lines
    )


def _named(path: bytes) -> bytes:
    """A path as git writes it: in quotes if need be, or with a tab behind one that has blanks."""
    name = quoted(path)
    return name + b"\t" if name == path and b" " in path else name
