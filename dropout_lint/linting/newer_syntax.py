"""Syntax that the running Python does not read and a later one does."""

from __future__ import annotations

import re
import sys
from typing import NamedTuple


class _Syntax(NamedTuple):
    """Syntax by its name, the first version that reads it, and how its line and error begin."""

    name: str
    since: tuple[int, int]
    line: str = ""
    error: str = ""


# Source: the "New features" of each version in "What's New in Python" (docs.python.org), and for
# the error texts CPython's grammar (Grammar/python.gram) of 3.10 to 3.13. The first match counts.
_SYNTAX = (
    _Syntax(
        "defaults of type parameters",
        (3, 13),
        line=r"\s*(?:(?:async\s+)?def|class|type)\s+\w+\s*\[[^\]]*\w\s*=",
    ),
    _Syntax("type parameters", (3, 12), line=r"\s*(?:(?:async\s+)?def|class)\s+\w+\s*\["),
    _Syntax("the `type` statement", (3, 12), line=r"\s*type\s+\w+\s*(?:\[[^\]]*\]\s*)?="),
    _Syntax(
        "f-strings that hold their own quotes or backslashes",
        (3, 12),
        line=r".*(?<!\w)[rR]?[fF][rR]?([\"'])(?:(?!\1).)*\{[^}]*?(?:\1|\\)[^}]*\}",
        error=r"f-string",
    ),
    _Syntax("`except*`", (3, 11), line=r"\s*except\s*\*"),
    _Syntax(
        "`except` with several types and no parentheses",
        (3, 14),
        error=r"multiple exception types must be parenthesized",
    ),
    _Syntax("template strings", (3, 14), line=r".*(?<![\w\"'])[tT][rR]?[\"']"),
    _Syntax("template strings", (3, 14), line=r".*(?<![\w\"'])[rR][tT][\"']"),
)


def newer_python(line: str, error: str) -> str | None:
    """A sentence about a later Python that may read a line; None if nothing speaks for one.

    ``error`` is what the running Python says about the line.
    """
    running = sys.version_info[:2]
    for syntax in _SYNTAX:
        looks_so = re.match(syntax.line, line) and re.match(syntax.error, error)
        if syntax.since > running and looks_so:
            return (
                f"Python {_dotted(running)} does not read {syntax.name}; "
                f"run dropout-lint under Python {_dotted(syntax.since)} or later"
            )
    return None


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
