"""Bytes: functions that may draw a mask by hand and drop by it, and calls that decide whether."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dropout_lint.files.code import (
    Unclear,
    arguments,
    chain_before,
    first_from,
    identifiers,
    last_before,
)
from dropout_lint.screen.arguments import read_arguments
from dropout_lint.vocabulary.masks import DROP_PARTS
from dropout_lint.vocabulary.modes import speaks_of_mode

_STEMS = (b"rand", b"ernoulli", b"uniform_", b"binomial")
# Where the stem is the beginning of the name of a sampler that is perhaps called.
_DRAWN = {
    b"rand": re.compile(rb"rand(?:_like|om(?:_sample)?)?[ \t\f]*(?=[(\n\r\\#])"),
    b"ernoulli": re.compile(rb"ernoulli_?[ \t\f]*(?=[(\n\r\\#])"),
    b"uniform_": re.compile(rb"uniform_[ \t\f]*(?=[(\n\r\\#])"),
    b"binomial": re.compile(rb"binomial[ \t\f]*(?=[(\n\r\\#])"),
}
_DEF = re.compile(rb"def[ \t\f\\\r\n]+(\w+)")
_SIGNATURE_END = re.compile(rb"\)[\s\\]*(?:->[^:]*)?:")
_BOOL = re.compile(rb"\b(?:True|False)\b")
_NAMES = re.compile(rb"[A-Za-z_]\w*")
_PARAMETER = re.compile(rb"([A-Za-z_]\w*)\s*(?::[^=]*)?(?:=\s*(.*))?\Z", re.DOTALL)
_FLAG = re.compile(rb"\w+\s*\.\s*training")
_SAYS_SO = re.compile(
    b"|".join(part.encode() for part in DROP_PARTS) + rb"|keep(?!dim)|kept", re.IGNORECASE
)
# What makes a mask of a draw.
_MASKS = re.compile(rb"ernoulli|binomial|floor|ceil|[<>]|\b[lg][te]_?\b|less|greater")
_ENTRIES = (b"forward", b"__call__")


def may_draw(data: bytes) -> bool:
    """Whether a function may draw a mask by hand, and perhaps in both modes."""
    return any(True for _ in _drawing(data))


def calls_matter(code: bytes, sets_flag: bool) -> bool:
    """Whether some such function of a file's code is not plainly called with the mode."""
    return any(not _is_fine(code, name, start, sets_flag) for name, start in _drawing(code))


def _drawing(data: bytes) -> Iterator[tuple[bytes, int]]:
    """The functions that may draw, each with the offset of its ``def``."""
    seen: set[int] = set()
    for stem in _STEMS:
        at = data.find(stem)
        while at >= 0:
            if _DRAWN[stem].match(data, at):
                for start in _definitions(data, at):
                    if start not in seen:
                        seen.add(start)
                        name = _name_if_drawing(data, start)
                        if name is not None:
                            yield name, start
            at = data.find(stem, at + len(stem))


def _definitions(data: bytes, at: int) -> Iterator[int]:
    """The functions that an offset may be in: the nearest, and those that are indented less."""
    column = _column(data, at)
    start = data.rfind(b"def", 0, at)
    nearest = True
    while start >= 0:
        if _DEF.match(data, start):
            inner = _column(data, start)
            if nearest or inner < column:
                yield start
                nearest, column = False, min(column, inner)
            if inner == 0 or column == 0:
                return
        start = data.rfind(b"def", 0, start)


def _column(data: bytes, at: int) -> int:
    line = max(data.rfind(b"\n", 0, at), data.rfind(b"\r", 0, at)) + 1
    return first_from(data, line) - line


def _name_if_drawing(data: bytes, start: int) -> bytes | None:
    """The name of a function if it may be dropout that does not follow the mode by itself."""
    found = _DEF.match(data, start)
    end = _SIGNATURE_END.search(data, start)
    if found is None:
        return None
    if end is None:
        return found.group(1)
    name, signature = found.group(1), data[found.end() : end.start()]
    names = _NAMES.findall(signature)
    takes_mode = any(speaks_of_mode(each.decode("latin-1")) for each in names)
    if names[:1] == [b"self"] and not takes_mode:
        if name not in _ENTRIES or _BOOL.search(signature) is None:
            return None
    following = data.find(b"def ", end.end())
    following = following if following >= 0 else len(data)
    if _MASKS.search(data, end.end(), following) is None:
        return None
    if takes_mode or _SAYS_SO.search(data, start, following):
        return name
    above = data.rfind(b"class", 0, start)
    colon = data.find(b":", above)
    return name if above >= 0 and _SAYS_SO.search(data, above, colon) else None


def _is_fine(code: bytes, name: bytes, start: int, sets_flag: bool) -> bool:
    """Whether a function has a parameter that is the mode, and gets it in every call here."""
    opening = code.find(b"(", start)
    try:
        parameters = [_PARAMETER.match(p.lstrip(b"* ")) for p in arguments(code, opening)]
    except Unclear:
        return False
    if name in _ENTRIES or sets_flag or not all(parameters):
        return False
    named = [(p.group(1), p.group(2)) for p in parameters if p is not None]
    modes = [each for each in named if speaks_of_mode(each[0].decode("latin-1"))]
    if len(modes) != 1 or any(
        value in (b"True", b"False") for p, value in named if p != modes[0][0]
    ):
        return False
    mode, default = modes[0]
    at = [parameter for parameter, _ in named].index(mode)
    return all(
        _gives_mode(code, first, last, (mode.decode("latin-1"), at), default)
        for first, last in identifiers(code, name)
        if code[first:last] == name and first != code.find(name, start)
    )


def _gives_mode(
    code: bytes, start: int, end: int, mode: tuple[str, int], default: bytes | None
) -> bool:
    """Whether a mention is a call that plainly passes the mode, or leaves it off."""
    opening = first_from(code, end)
    if code[opening : opening + 1] != b"(":
        return False
    before = last_before(code, start)
    if code.endswith(b"def", 0, before + 1):
        return True
    _, parts = chain_before(code, start)
    name, position = mode
    given = read_arguments(arguments(code, opening))
    flag = given.get(name, position - (parts == [b"self"]))
    if flag is None:
        return not given.is_unclear and not given.is_open and default in (None, b"False")
    return _FLAG.fullmatch(flag) is not None
