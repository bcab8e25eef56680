"""Python source as bytes that hold code only, and how to find one's way in them.

Comments go, strings become empty and continued lines are joined, so that what is left can be
searched without a thought for them. It takes a hundredth of the time of parsing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from keyword import kwlist

# What is no code: strings, comments, and the ends of continued lines.
_NO_CODE = re.compile(
    rb'("""[^"\\]*(?:(?:\\.|""?(?!"))[^"\\]*)*"""'
    rb"|'''[^'\\]*(?:(?:\\.|''?(?!'))[^'\\]*)*'''"
    rb'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
    rb"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'"
    rb"|#[^\n]*|\\\n)",
    re.DOTALL,
)
_IS_FORMATTED = re.compile(rb"[fFtT][rR]?\Z")
_FIELD = re.compile(rb"\{([^{}]*)")
# The encodings in which a byte below 128 always is that ASCII character.
_COOKIE = re.compile(rb"coding[:=][ \t]*([-\w.]+)")
_PLAIN_CODEC = re.compile(
    rb"(?i)utf[-_]?8|ascii|us-ascii|(?:iso-?8859|latin|cp125|windows-125|koi8)"
)
_BOMS = b"\xef\xbb\xbf\xff\xfe"
_BRACKETS = re.compile(rb"[][(){}]")
_BRACKETS_AND_COMMAS = re.compile(rb"[][(){},]")
_IDENTIFIER = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") | {
    *range(128, 256)
}
BLANKS = b" \t\n\f"
# What looks like a name and is none.
KEYWORDS = frozenset(word.encode() for word in kwlist)


class Unclear(Exception):
    """The bytes cannot be told apart into code and no code; somebody else has to look."""


def code_of(data: bytes, kept: Collection[bytes]) -> bytes:
    """The code of a file. Strings that are one of ``kept`` stay, in double quotes.

    Of an f-string its fields stay. Raises Unclear.
    """
    cookie = _COOKIE.search(data, 0, 300) if b"coding" in data[:300] else None
    if cookie is not None and not _PLAIN_CODEC.match(cookie.group(1)):
        raise Unclear
    data = data.lstrip(_BOMS)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    pieces = _NO_CODE.split(data)  # code and no code by turns
    for at in range(1, len(pieces), 2):
        text = pieces[at]
        if text[0] == 35:  # a comment
            pieces[at] = b""
        elif text[0] == 92:  # a continued line
            pieces[at] = b" "
        elif b"{" in text and _IS_FORMATTED.search(pieces[at - 1]):
            if not _is_balanced(text):  # quotes of its own, as from Python 3.12 on
                raise Unclear
            pieces[at] = b" (" + b",".join(_FIELD.findall(text)) + b") "
        else:
            pieces[at] = b'"' + text[1:-1] + b'"' if text[1:-1] in kept else b"''"
    return b"".join(pieces)


def _is_balanced(text: bytes) -> bool:
    single = text.replace(b"{{", b"").replace(b"}}", b"")
    return any(t.count(b"{") == t.count(b"}") for t in (text, single))


def finds(code: bytes, token: bytes) -> Iterator[int]:
    at = code.find(token)
    while at >= 0:
        yield at
        at = code.find(token, at + 1)


def identifiers(code: bytes, stem: bytes) -> Iterator[tuple[int, int]]:
    """The identifiers that contain a stem."""
    at, size = code.find(stem), len(code)
    while at >= 0:
        start, end = at, at + len(stem)
        while start and code[start - 1] in _IDENTIFIER:
            start -= 1
        while end < size and code[end] in _IDENTIFIER:
            end += 1
        yield start, end
        at = code.find(stem, end)


def is_whole(code: bytes, start: int, end: int) -> bool:
    """Whether an identifier begins and ends there."""
    return not (start and code[start - 1] in _IDENTIFIER) and code[end : end + 1] not in _LETTERS


_LETTERS = {bytes((char,)) for char in _IDENTIFIER}


def last_before(code: bytes, at: int) -> int:
    """Where the last character before ``at`` stands that is no blank; -1 if there is none."""
    at -= 1
    while at >= 0 and code[at] in BLANKS:
        at -= 1
    return at


def first_from(code: bytes, at: int) -> int:
    """Where the first character from ``at`` on stands that is no blank."""
    while at < len(code) and code[at] in BLANKS:
        at += 1
    return at


def chain_before(code: bytes, start: int) -> tuple[int, list[bytes]]:
    """Where the dotted expression that ends with the identifier at ``start`` begins, and its parts.

    The first part is empty where it begins with something else than a name: ``f(x).y``. The dot
    of a number or an ellipsis on the line before is none.
    """
    parts: list[bytes] = []
    while True:
        dot = last_before(code, start)
        if dot < 0 or code[dot] != 46:
            return start, parts
        end = last_before(code, dot) + 1
        before = end
        while before and code[before - 1] in _IDENTIFIER:
            before -= 1
        if code[before : before + 1].isdigit() or code[dot - 1 : dot] == b".":
            return start, parts
        start = before
        parts.insert(0, code[start:end])
        if start == end:
            return start, parts


def closing(code: bytes, opening: int) -> int:
    """The offset of the bracket that closes. Raises Unclear if none does."""
    depth = 0
    for match in _BRACKETS.finditer(code, opening):
        depth += 1 if match.group() in b"([{" else -1
        if not depth:
            return match.start()
    raise Unclear


class Brackets:
    """Which bracket is open where."""

    def __init__(self, code: bytes) -> None:
        self._at: list[int] = [-1]
        self._open: list[int] = [-1]
        stack = [-1]
        for match in _BRACKETS.finditer(code):
            at = match.start()
            if code[at] in b"([{":
                stack.append(at)
            elif len(stack) > 1:
                stack.pop()
            self._at.append(at)
            self._open.append(stack[-1])

    def around(self, at: int) -> int:
        """The offset of the innermost bracket that is open before an offset; -1 if none is."""
        return self._open[bisect_left(self._at, at) - 1]


def arguments(code: bytes, opening: int) -> list[bytes]:
    """What stands between the commas of a pair of brackets. Raises Unclear."""
    parts: list[bytes] = []
    depth, start = 0, opening + 1
    for match in _BRACKETS_AND_COMMAS.finditer(code, opening):
        char, at = match.group(), match.start()
        if char == b",":
            if depth == 1:
                parts.append(code[start:at].strip())
                start = at + 1
            continue
        depth += 1 if char in b"([{" else -1
        if not depth:
            parts.append(code[start:at].strip())
            return parts if parts[-1] else parts[:-1]
    raise Unclear


def statement_end(code: bytes, at: int) -> int:
    """Where the statement ends that goes on at ``at``, outside of brackets."""
    while True:
        end = code.find(b"\n", at)
        end = len(code) if end < 0 else end
        bracket = _OPENING.search(code, at, end)
        if bracket is None:
            return end
        at = closing(code, bracket.start()) + 1


_OPENING = re.compile(rb"[(\[{]")
