"""Bytes: mentions of the family that use nothing, by the place where they stand."""

from __future__ import annotations

import re
from functools import cached_property

from dropout_lint.files.code import Brackets, Unclear, closing, first_from, last_before

_COMPARED = re.compile(rb"(?:(?<![\w.])is(?:\s+not)?|[=!]=)\s*$")
_ASKED = re.compile(rb"(?<![\w.])(?:isinstance|issubclass)\s*$")
_SHOWN = re.compile(rb"(?:[=(\[{,:+]|(?<!\w)(?:in|return))\s*$")
_DEFINES = re.compile(rb"(?:async|def|class)[ \t\f]")
_END = re.compile(rb"[ \t\f]*(?:\n|\Z)")
_TABLE = re.compile(rb"\w+\s*(?::[^=\n]*)?=\s*$")


class Places:
    """The places in one file's code, its import statements taken out."""

    def __init__(self, code: bytes) -> None:
        self._code = code

    def is_listed(self, start: int, end: int) -> bool:
        """``x is F.dropout``, ``{F.dropout: …}``: asked about and not used."""
        code = self._code
        if _COMPARED.search(code, max(0, start - 20), start):
            return code[first_from(code, end) :][:1] not in (b".", b"(", b"[")
        opening = self._brackets.around(start)
        return opening >= 0 and code[opening] == 123 and self._is_element(start, end, b":,}")

    def is_class_listed(self, start: int, end: int) -> bool:
        """``isinstance(m, nn.Dropout)``, or a class in a list or tuple of such."""
        code = self._code
        opening = self._brackets.around(start)
        if opening < 0 or not self._is_element(start, end, b",)]"):
            return False
        if code[opening] == 40 and _ASKED.search(code, max(0, opening - 20), opening):
            return True
        is_alone = code[last_before(code, start)] == 40 and code[first_from(code, end)] == 41
        return not is_alone and _SHOWN.search(code, max(0, opening - 20), opening) is not None

    def _is_element(self, start: int, end: int, ends: bytes) -> bool:
        code, after = self._code, first_from(self._code, end)
        return (
            code[last_before(code, start)] in b"([{," and after < len(code) and code[after] in ends
        )

    def is_outside(self, at: int) -> bool:
        """Whether something stands in no function and no class."""
        line = self._code.rfind(b"\n", 0, self._outermost(at)) + 1
        is_indented = self._code[line : line + 1] in (b" ", b"\t", b"\f")
        return not is_indented and _DEFINES.match(self._code, line) is None

    def is_in_table(self, at: int) -> bool:
        """Whether something is in a list, set or dict that is all that a name outside gets."""
        code, opening = self._code, self._outermost(at)
        line = code.rfind(b"\n", 0, opening) + 1
        if code[opening] not in b"[{" or _TABLE.match(code, line, opening) is None:
            return False
        try:
            after = closing(code, opening) + 1
        except Unclear:
            return False
        return _END.match(code, after) is not None

    def _outermost(self, at: int) -> int:
        """The offset of the outermost bracket around an offset, or that one itself."""
        while (opening := self._brackets.around(at)) >= 0:
            at = opening
        return at

    @cached_property
    def _brackets(self) -> Brackets:
        return Brackets(self._code)
