"""Bytes: which names may stand for the mode, and is ``training`` nn.Module's own?"""

from __future__ import annotations

import re
from functools import cached_property

from dropout_lint.files.code import KEYWORDS, chain_before, finds, is_whole, last_before

# The flag as something that is set or defined, or the name of a keyword.
_SET_FLAG = re.compile(
    rb"training[\s)]*(?:(?::[^=\n]*)?=(?!=)|,[^=\n(]*=(?!=)|\()\s*(\w+\s*\.\s*training\b)?"
)
# `t = self.training`, `t, u = self.training, 1`, and no keyword `training=self.training`.
_MODE_PUT = re.compile(
    rb"[\s)]*(?:,[^=\n()]*(?<!training)(?<!train)[\s)]*|:[^=\n]*)?:?=(?!=)"
    rb"(?:[^=\n(]|\bbool\s*\(|(?<!\w)\()*"
    rb"[\w)]\s*\.\s*(?:training|train|eval)(?![\w(])(?![ \t\f]+else)"
)
_COPY = re.compile(rb"[\s)]*=[\s(]*([A-Za-z_]\w*)[ \t\f)]*(?:[\n;]|\Z)")
_DOTTED = re.compile(rb"[A-Za-z_][\w.]*")
_PLACED_FLAG = re.compile(rb"training\s*[,)]")
_CALLED = re.compile(rb"(\w+)\s*\(")


class Flags:
    """The flags of one file's code. ``names`` are those of the family."""

    def __init__(self, code: bytes, names: set[bytes]) -> None:
        self._code = code
        self._names = names
        self._modes: dict[bytes, bool] = {}

    def may_be_constant(self, flag: bytes) -> bool:
        """Whether a flag may be the same in all calls: it is no name, or one that gets a value."""
        if _DOTTED.fullmatch(flag) is None or flag in KEYWORDS:
            return True
        put = rb"(?m)^[ \t\f]*" + re.escape(flag) + rb"\s*(?::[^=\n]*)?=(?!=)"
        return re.search(put, self._code) is not None

    def gets_mode(self, name: bytes) -> bool:
        """Whether a rate may be the mode under another name: by assignment, or as a parameter."""
        if name not in self._modes:
            self._modes[name] = False  # for a name that is put under itself
            self._modes[name] = any(
                self._is_put_mode(start, start + len(name))
                for start in finds(self._code, name)
                if is_whole(self._code, start, start + len(name))
            )
        return self._modes[name]

    def _is_put_mode(self, start: int, end: int) -> bool:
        code = self._code
        if code[max(0, start - 4) : start].strip() == b"def" or _MODE_PUT.match(code, end):
            return True
        copy = _COPY.match(code, end)
        if copy is not None and self.gets_mode(copy.group(1)):
            return True
        return self._passes_flag and code[last_before(code, start)] in b"(,"

    @cached_property
    def _passes_flag(self) -> bool:
        """Whether the mode is an argument without a keyword of something else than the family."""
        for match in _PLACED_FLAG.finditer(self._code):
            start, parts = chain_before(self._code, match.start())
            before = last_before(self._code, start)
            if not parts or before < 0 or self._code[before] not in b"(,":
                continue
            called = _CALLED.findall(self._code, max(0, start - 300), start)
            if not called or called[-1] not in self._names:
                return True
        return False

    @cached_property
    def sets_flag(self) -> bool:
        """Whether the flag is set somewhere, or is something else than nn.Module's."""
        code = self._code
        for match in _SET_FLAG.finditer(code):
            start = match.start()
            line = code[code.rfind(b"\n", 0, start) + 1 : start].strip()
            before = line[-1:]
            is_called = match.group()[8:].lstrip()[:1] == b"(" or b"(" in line.lstrip(b"([ ")
            if before == b"." and not is_called:
                return True
            if line == b"def" or (not line and match.group(1) is None):
                return True
        return False
