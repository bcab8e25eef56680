"""Names of files as they may be printed: a name can hold anything but a null byte and a slash."""

from __future__ import annotations

import re

# Control characters, ends of lines, and what turns the direction of text.
_OBEYED = re.compile("[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def shown(text: str) -> str:
    """A name, or a sentence with names in it, on one line and with nothing a terminal obeys.

    What was escaped already stays as it is.
    """
    return _OBEYED.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def quoted(name: bytes) -> bytes:
    """A name as git writes it in a diff: in quotes if it holds what could be misread."""
    if _OBEYED.search(name.decode("utf-8", "surrogateescape")) is None and not re.search(
        rb'["\\]', name
    ):
        return name
    return b'"' + b"".join(map(_quoted_byte, name)) + b'"'


_LETTERS = dict(zip(b'\a\b\t\n\v\f\r"\\', b'abtnvfr"\\', strict=True))


def _quoted_byte(byte: int) -> bytes:
    if byte in _LETTERS:
        return b"\\" + bytes([_LETTERS[byte]])
    return bytes([byte]) if 0x20 <= byte < 0x7F else b"\\%03o" % byte
