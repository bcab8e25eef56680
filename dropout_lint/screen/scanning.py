"""Looking at source code as bytes: identifiers, calls and their arguments, without parsing."""

from __future__ import annotations

import re
from collections.abc import Iterator

_IDENTIFIER = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
LIMIT = 1500
_BRACKETS = re.compile(rb"[][(){}\"'#\\]")
_STRING = re.compile(rb"\"[^\"\\\r\n]*\"(?!\")|'[^'\\\r\n]*'(?!')")


def finds(data: bytes, token: bytes) -> Iterator[int]:
    at = data.find(token)
    while at >= 0:
        yield at
        at = data.find(token, at + 1)


def identifiers(data: bytes, stem: bytes) -> Iterator[tuple[int, int]]:
    """The identifiers that contain a stem."""
    at = data.find(stem)
    while at >= 0:
        start, end = at, at + len(stem)
        while start and data[start - 1] in _IDENTIFIER:
            start -= 1
        while end < len(data) and data[end] in _IDENTIFIER:
            end += 1
        yield start, end
        at = data.find(stem, end)


def chain_start(data: bytes, start: int) -> int:
    """Where the dotted expression that ends in the identifier begins."""
    while start and (data[start - 1] in _IDENTIFIER or data[start - 1] == 46):
        start -= 1
    return start


def word_before(data: bytes, at: int) -> bytes:
    words = data[max(0, at - 20) : at].split()
    return words[-1] if words and data[at - 1 : at].isspace() else b""


def word_after(data: bytes, at: int) -> bytes:
    words = data[at : at + 20].split()
    return words[0] if words else b""


def call_at(data: bytes, end: int) -> int | None:
    """The offset of the bracket that calls what ends at ``end``; None if it is not called."""
    while data[end : end + 1] in (b" ", b"\t"):
        end += 1
    return end if data[end : end + 1] == b"(" else None


def closing(data: bytes, opening: int) -> int | None:
    """The offset of the bracket that closes; None where strings or lengths blur the view."""
    depth, at, limit = 0, opening, min(len(data), opening + LIMIT)
    while True:
        match = _BRACKETS.search(data, at, limit)
        if match is None:
            return None
        at = match.end()
        char = match.group()
        if char in b"([{":
            depth += 1
        elif char in b")]}":
            depth -= 1
            if not depth:
                return match.start()
        elif char == b"#":
            end = data.find(b"\n", at)
            if end < 0:
                return None
            at = end
        else:
            string = _STRING.match(data, match.start())
            if string is None:
                return None
            at = string.end()


def arguments(data: bytes, opening: int) -> list[bytes] | None:
    end = closing(data, opening)
    if end is None:
        return None
    parts: list[bytes] = []
    depth, start = 0, opening + 1
    for at in range(start, end + 1):
        char = data[at]
        if char in b"([{":
            depth += 1
        elif char in b")]}" and at != end:
            depth -= 1
        elif at == end or (char == 44 and not depth):
            parts.append(data[start:at].strip())
            start = at + 1
    return parts if parts[-1] else parts[:-1]


def pick(given: list[bytes], name: str, position: int | None) -> bytes | None:
    """The argument for a parameter, its keyword taken off."""
    for index, argument in enumerate(given):
        key, sign, value = argument.partition(b"=")
        if sign and key.strip() == name.encode() and value[:1] != b"=":
            return value.strip()
        if index == position and not re.match(rb"[A-Za-z_]\w*\s*=[^=]", argument):
            return argument
    return None


def statement_end(data: bytes, at: int) -> int:
    """The end of an import statement, over brackets and continued lines."""
    end = data.find(b"\n", at)
    end = len(data) if end < 0 else end
    if b"(" in data[at:end]:
        closing = data.find(b")", at)
        return len(data) if closing < 0 else closing
    while data[at:end].rstrip().endswith(b"\\"):
        following = data.find(b"\n", end + 1)
        end = len(data) if following < 0 else following
        if end == len(data):
            break
    return end
