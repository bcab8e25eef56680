"""Bytes: calls that are statements of their own, so that nothing takes their result."""

from __future__ import annotations

import re
from collections.abc import Collection

from dropout_lint.files.code import chain_before, closing, finds, first_from, is_whole

_SPACES = b" \t\f"
_STARTS = b"\n;:("
# What a statement on the line above does not end with.
_GOES_ON = b"([{,=+-*/%|&^~<>@."
_END = re.compile(rb"[ \t\f)]*(?:[\n;]|\Z)")
_PUT = re.compile(rb"\.\s*(\w+)\s*(?::[^=\n]*)?=(?!=)")


def is_statement(code: bytes, start: int, end: int) -> bool:
    """Whether an expression may be all of a statement; in brackets of its own, too."""
    at = start - 1
    while True:
        while at >= 0 and code[at] in _SPACES:
            at -= 1
        if at < 0 or code[at] in b";:":
            break
        if code[at] == 10:
            while at >= 0 and code[at] in b" \t\f\n":
                at -= 1
            if at < 0 or code[at] not in _GOES_ON:
                break
            if code[at] != 40:
                return False
        if code[at] != 40:
            return False
        at -= 1
        before = at
        while before >= 0 and code[before] in _SPACES:
            before -= 1
        if before >= 0 and code[before] not in _STARTS:
            return False  # of a call, or behind `return`
    return _END.match(code, end) is not None


def attributes_put(code: bytes, start: int, end: int) -> list[bytes]:
    """The attributes that the last assignment between two offsets assigns to."""
    line = end
    while line > start:
        line = code.rfind(b"\n", start, line - 1) + 1 or start
        if found := _PUT.findall(code, line, end):
            return found
    return []


def throws_away(code: bytes, names: Collection[bytes]) -> bool:
    """Whether an attribute of one of these names is called, and nothing takes the result."""
    for name in names:
        for start in finds(code, name):
            end = start + len(name)
            opening = first_from(code, end)
            if code[opening : opening + 1] != b"(" or not is_whole(code, start, end):
                continue
            begin, parts = chain_before(code, start)
            if parts and is_statement(code, begin, closing(code, opening) + 1):
                return True
    return False
