"""Bytes: which members of the family may a name stand for?"""

from __future__ import annotations

import re
from functools import cache, cached_property

from dropout_lint.files.code import (
    KEYWORDS,
    chain_before,
    finds,
    first_from,
    is_whole,
    last_before,
    statement_end,
)
from dropout_lint.screen.imports import Family, Imports

_LOOKED_UP = re.compile(rb"getattr\s*\(\s*(\w+)[\w\s.]*,\s*[\"']$")
_TAKES = re.compile(rb"[\s)]*(?:,[^=\n()]*[\s)]*|:[^=\n]*)?:?=(?!=)\s*")
# The names at the beginning of dotted expressions that are not called.
_ROOTS = re.compile(rb"(?<![\w.])([A-Za-z_]\w*)(?:\s*\.\s*\w+)*(?!\w|\s*[.(\[=])")
_SELF = re.compile(rb"self[\s)]*(?::?=(?!=)|,[^()\n]*\)?\s*=)|as[\s(]+self\b")


class Mentions:
    """The names of one file, its import statements taken out."""

    def __init__(self, code: bytes, imports: Imports, family: Family) -> None:
        self._code = code
        self._imports = imports
        self._family = family
        self._names = {name.encode() for name in family.tails}
        self._steps = b"|".join(sorted(step.encode() for step in family.steps))
        self._copies: dict[bytes, bool] = {}

    def meant(self, start: int, end: int) -> list[str]:
        """The members of the family that a mention may stand for."""
        code = self._code
        name = code[start:end].decode()
        if code[start - 1 : start] in (b'"', b"'"):
            return [*self._family.called(name)] if self._is_looked_up(start) else []
        _, parts = chain_before(code, start)
        if self._is_bound_here(start, end):
            return []
        if not parts:
            if name in self._imports.open or self._imports.star:
                return [*self._family.called(name)]
            return [*self._imports.bound.get(name, ())]
        root = parts[0].decode("latin-1")
        if name in self._imports.inner or root in self._imports.open:
            return [*self._family.called(name)]
        bases = self._imports.bound.get(root)
        if bases is not None:
            steps = [part.decode("latin-1") for part in parts[1:]]
            names = self._family.follow(bases, [*steps, name])
            return [name for name in names if self._family.is_member(name)]
        if parts == [b"self"] and not self._rebinds_self:
            return []
        is_open = self._is_aliased or self._imports.star or self._may_be_path(parts, end)
        return [*self._family.called(name)] if is_open else []

    def _is_looked_up(self, start: int) -> bool:
        """Whether a string may be the name in a ``getattr`` of a path to the family."""
        if self._is_aliased and b"getattr" in self._code:
            return True
        looked = _LOOKED_UP.search(self._code, max(0, start - 200), start)
        root = looked.group(1).decode("latin-1") if looked is not None else ""
        return looked is not None and (root in self._imports.open or self._imports.star)

    def _may_be_path(self, parts: list[bytes], end: int) -> bool:
        """Whether names may have been given to something that the project hands on."""
        if not self._imports.open:
            return False
        called = self._code[first_from(self._code, end) : first_from(self._code, end) + 1] == b"("
        if called and parts[0] not in (b"self", b"", b"super"):
            return True
        return any(self._is_copy(part) for part in parts if part not in (b"", b"self"))

    def _is_copy(self, name: bytes) -> bool:
        """Whether something imported from elsewhere may be put under a name."""
        if name in KEYWORDS or (name == b"self" and not self._rebinds_self):
            return False
        if name not in self._copies:
            self._copies[name] = False
            code = self._code
            self._copies[name] = any(
                root.decode("latin-1") in self._imports.open or self._is_copy(root)
                for start in finds(code, name)
                if is_whole(code, start, start + len(name))
                for match in (_TAKES.match(code, start + len(name)),)
                if match is not None
                for root in _ROOTS.findall(code, match.end(), statement_end(code, match.end()))
            )
        return self._copies[name]

    @cached_property
    def _rebinds_self(self) -> bool:
        code = self._code
        starts = (match.start() for match in _SELF.finditer(code))
        return any(code[last_before(code, start)] != 40 for start in starts)  # no parameter

    def _is_bound_here(self, start: int, end: int) -> bool:
        """``dropout=…``: the name of a keyword, of a parameter or of a variable."""
        at = first_from(self._code, end)
        return self._code[at : at + 1] == b"=" and self._code[at + 1 : at + 2] != b"="

    @cached_property
    def _is_aliased(self) -> bool:
        """Whether a path to the family may have names besides those of the imports.

        ``G = F``, ``G = nn.functional``: a path that is not the beginning of a longer one.
        """
        roots = (name.encode("latin-1") for name in self._imports.bound)
        return any(
            self._is_taken(match)
            for root in roots
            if root not in self._names
            for match in _path(root, self._steps).finditer(self._code)
        )

    def _is_taken(self, match: re.Match[bytes]) -> bool:
        code = self._code
        start, end = match.span()
        if not is_whole(code, start, end) or code[start - 1 : start] in (b'"', b"'"):
            return False
        before = last_before(code, start)
        if before >= 0 and code[before] == 46:
            return False
        at = first_from(code, end)
        if code[at : at + 1] == b"=" and code[at + 1 : at + 2] != b"=":
            return False
        return not code.endswith(b"hasattr(", 0, start)


@cache
def _path(root: bytes, steps: bytes) -> re.Pattern[bytes]:
    """An expression for a name and what follows it on the way to the family, and no further."""
    step = rb"(?:\s*\.\s*(?:" + steps + rb")(?![\w\x80-\xff]))*"
    end = rb"(?![ \t\f]*[.(]|\s*\.\s*[A-Za-z_])"  # a new line may begin with a bracket or `.5`
    return re.compile(re.escape(root) + rb"(?![\w\x80-\xff])" + step + end)
