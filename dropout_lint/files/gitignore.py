"""The patterns of ``.gitignore`` as git reads them: each speaks of a path itself, none for below.

Who walks asks at every folder and stops at ignored ones, so what is below them never comes up;
that is also why a ``!`` below an ignored folder brings nothing back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

_CLASSES = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "blank": " \\t", "digit": "0-9", "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~", "space": r"\s", "upper": "A-Z", "xdigit": "a-fA-F0-9",
}  # fmt: skip


@dataclass(frozen=True)
class Pattern:
    """One line: what it matches, whether a ``!`` takes it back, and whether it means folders.

    ``anywhere``: it has no slash inside, so that it speaks of the last name of a path.
    """

    regex: re.Pattern[str]
    anywhere: bool
    takes_back: bool
    folders_only: bool

    def matches(self, path: str, is_folder: bool) -> bool:
        """Whether it matches a path; what is below a folder that it matches is not asked."""
        if self.folders_only and not is_folder:
            return False
        return self.regex.fullmatch(path.rpartition("/")[2] if self.anywhere else path) is not None


def parse(text: str) -> tuple[Pattern, ...]:
    """The patterns of a file; lines that are none are passed over, as git does."""
    found = (pattern(line.removesuffix("\r")) for line in text.split("\n"))
    return tuple(pattern for pattern in found if pattern is not None)


def verdict(patterns: tuple[Pattern, ...], path: str, is_folder: bool) -> bool | None:
    """Whether the last pattern that matches ignores the path; None if none matches.

    The path is relative to the folder of the patterns, with ``/`` between its parts.
    """
    for pattern in reversed(patterns):
        if pattern.matches(path, is_folder):
            return not pattern.takes_back
    return None


def pattern(line: str) -> Pattern | None:
    """The pattern of one line; None if it is a comment, or none that can match."""
    line = _trimmed(line)
    if not line or line.startswith("#"):
        return None
    takes_back = line.startswith("!")
    glob = line[1:] if takes_back else line
    folders_only = glob.endswith("/")
    glob = glob.removesuffix("/")
    tokens = _tokens(glob.removeprefix("/"))
    if not tokens:
        return None
    # With a slash, it stands for one place; without, for a name anywhere.
    return Pattern(re.compile(_regex(tokens), re.DOTALL), "/" not in glob, takes_back, folders_only)


def _trimmed(line: str) -> str:
    """Without blanks at the end, unless they are escaped."""
    end = at = 0
    while at < len(line):
        blank = line[at] == " "
        at += 2 if line[at] == "\\" else 1
        end = end if blank else at
    return line[:end]


# What a glob consists of, beside regular expressions that match one character each.
_STAR, _FOLDERS, _ALL_BELOW = "*", "**/", ".+"


def _tokens(glob: str) -> list[str] | None:
    """What a glob consists of; None if it is not closed."""
    tokens: list[str] = []
    at = 0
    while at < len(glob):
        character = glob[at]
        start, at = at, at + 1
        if character == "*":
            while glob[at : at + 1] == "*":
                at += 1
            whole = (start == 0 or glob[start - 1] == "/") and glob[at : at + 1] in ("", "/")
            if at - start == 1 or not whole:
                tokens.append(_STAR)
            elif at == len(glob):
                tokens.append(_ALL_BELOW)
            else:
                tokens.append(_FOLDERS)
                at += 1
        elif character == "?":
            tokens.append("[^/]")
        elif character == "[":
            closed = _class(glob, at)
            if closed is None:
                return None
            part, at = closed
            tokens.append(part)
        elif character == "\\":
            if at == len(glob):
                return None
            tokens.append(re.escape(glob[at]))
            at += 1
        else:
            tokens.append(re.escape(character))
    return tokens


# --- regular expressions that do not backtrack --------------------------------------------------

# Where several stars follow each other, the first place at which the part behind a star matches is
# as good as any later one, for all parts but the last. So each star but the last of a name, and
# each `**/` but the last of a path, is matched once and for all: in a lookahead, whose match is
# then repeated. (From Python 3.11 on `(?>…)` does that.)


def _regex(tokens: list[str]) -> str:
    """The regular expression of a glob: its time grows with the pattern times the path."""
    number = count()
    first, *others = _split(tokens, _FOLDERS)
    parts = [_names(first, number)]
    others = [*(part for part in others[:-1] if part), *others[-1:]]
    for at, part in enumerate(others, 1):
        if at < len(others):
            parts.append(_once("(?:[^/]+/)*?", part, number))
        else:
            parts.append("(?:[^/]+/)*" + _names(part, number))
    return "".join(parts)


def _names(tokens: list[str], number: Iterator[int]) -> str:
    """The regular expression of names with slashes between them."""
    found = []
    for name in _split(tokens, "/"):
        first, *others = _split(name, _STAR)
        found.append("".join(first))
        for at, part in enumerate(others, 1):
            last = at == len(others)
            found.append("[^/]*" + "".join(part) if last else _once("[^/]*?", part, number))
        found.append("/")
    return "".join(found[:-1])


def _once(before: str, part: list[str], number: Iterator[int]) -> str:
    name = f"_{next(number)}"
    return f"(?=(?P<{name}>{before}{_names(part, number)}))(?P={name})"


def _split(tokens: list[str], at: str) -> list[list[str]]:
    """The tokens between those that are equal to one."""
    found: list[list[str]] = [[]]
    for token in tokens:
        if token == at:
            found.append([])
        else:
            found[-1].append(token)
    return found


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
