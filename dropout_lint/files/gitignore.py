"""The patterns of ``.gitignore`` as git reads them: each speaks of a path itself, none for below.

Who walks asks at every folder and stops at ignored ones, so what is below them never comes up;
that is also why a ``!`` below an ignored folder brings nothing back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CLASSES = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "blank": " \\t", "digit": "0-9", "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~", "space": r"\s", "upper": "A-Z", "xdigit": "a-fA-F0-9",
}  # fmt: skip


@dataclass(frozen=True)
class Pattern:
    """One line: what it matches, whether a ``!`` takes it back, and whether it means folders."""

    regex: re.Pattern[str]
    takes_back: bool
    folders_only: bool


def parse(text: str) -> tuple[Pattern, ...]:
    """The patterns of a file; lines that are none are passed over, as git does."""
    found = (_pattern(_trimmed(line.removesuffix("\r"))) for line in text.split("\n"))
    return tuple(pattern for pattern in found if pattern is not None)


def verdict(patterns: tuple[Pattern, ...], path: str, is_folder: bool) -> bool | None:
    """Whether the last pattern that matches ignores the path; None if none matches.

    The path is relative to the folder of the patterns, with ``/`` between its parts.
    """
    for pattern in reversed(patterns):
        if (is_folder or not pattern.folders_only) and pattern.regex.fullmatch(path):
            return not pattern.takes_back
    return None


def _trimmed(line: str) -> str:
    """Without blanks at the end, unless they are escaped."""
    end = at = 0
    while at < len(line):
        blank = line[at] == " "
        at += 2 if line[at] == "\\" else 1
        end = end if blank else at
    return line[:end]


def _pattern(line: str) -> Pattern | None:
    if not line or line.startswith("#"):
        return None
    takes_back = line.startswith("!")
    glob = line[1:] if takes_back else line
    folders_only = glob.endswith("/")
    glob = glob.removesuffix("/")
    # With a slash, it stands for one place; without, for a name anywhere.
    start = "" if "/" in glob else "(?:.*/)?"
    regex = _translated(glob.removeprefix("/"))
    if not regex:
        return None
    return Pattern(re.compile(start + regex, re.DOTALL), takes_back, folders_only)


def _translated(glob: str) -> str | None:
    """A glob as a regular expression; None if it is not closed."""
    parts: list[str] = []
    at = 0
    while at < len(glob):
        character = glob[at]
        start, at = at, at + 1
        if character == "*":
            while glob[at : at + 1] == "*":
                at += 1
            whole = (start == 0 or glob[start - 1] == "/") and glob[at : at + 1] in ("", "/")
            if at - start == 1 or not whole:
                parts.append("[^/]*")
            elif at == len(glob):
                parts.append(".+")
            else:
                parts.append("(?:.+/)?")
                at += 1
        elif character == "?":
            parts.append("[^/]")
        elif character == "[":
            closed = _class(glob, at)
            if closed is None:
                return None
            part, at = closed
            parts.append(part)
        elif character == "\\":
            if at == len(glob):
                return None
            parts.append(re.escape(glob[at]))
            at += 1
        else:
            parts.append(re.escape(character))
    return "".join(parts)


def _class(glob: str, at: int) -> tuple[str, int] | None:
    """The characters in brackets from ``at`` on, and where they end; None if they do not."""
    negated = glob[at : at + 1] in ("!", "^")
    at += negated
    first, parts = at, []
    while at < len(glob) and (glob[at] != "]" or at == first):
        named = re.compile(r"\[:(\w+):\]").match(glob, at)
        if named:
            parts.append(_CLASSES.get(named[1], ""))
            at = named.end()
            continue
        low, at = _character(glob, at)
        high = low
        if glob[at : at + 1] == "-" and glob[at + 1 : at + 2] not in ("", "]"):
            high, at = _character(glob, at + 1)
        if low <= high:
            parts.append(f"{re.escape(low)}-{re.escape(high)}")
    if at >= len(glob):
        return None
    inside = "".join(parts)
    if negated:
        return f"[^/{inside}]", at + 1
    return (f"(?!/)[{inside}]" if inside else "(?!)"), at + 1


def _character(glob: str, at: int) -> tuple[str, int]:
    escaped = glob[at] == "\\" and at + 1 < len(glob)
    return glob[at + escaped], at + escaped + 1
