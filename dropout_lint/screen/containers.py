"""Bytes: may modules that drop be kept in a plain container on self?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dropout_lint.screen.scanning import LIMIT, arguments, chain_start, closing, finds

_OPENINGS = (b"= [", b"= (", b"= {", b"=[", b"=(", b"={", b"= list(", b"= dict(", b"= tuple(")
_TUPLES = (b"= (", b"=(")  # or just brackets around one expression
_GROWING = (b".append(", b".extend(", b".insert(", b".update(", b".setdefault(", b".add(")
# `self.xs = […`, or `self.xs = name` with a local that may be a container.
_PUT = re.compile(
    rb"self\.(\w+)(?:[ \t]*:[^=\r\n]*)?[ \t]*=[ \t]*"
    rb"(?:[\[({]|list\(|dict\(|tuple\(|(\w+)[ \t]*(?=[\r\n#;+]|$))"
)
_LOCAL_CONTAINER = re.compile(rb"\s*(\w+)(?:\s*:[^=\n]*)?\s*$")


class Containers:
    """The plain containers on self of one file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        found = _PUT.findall(data)
        self._plain = {attribute for attribute, _ in found}
        self._put = {name for _, name in found if name}

    def hold(self, builders: set[bytes]) -> bool:
        """Whether one of them may hold something built by a call of one of the names."""
        if not self._plain:
            return False
        return any(self._builds(start, end, builders) for start, end in self._contents())

    def _contents(self) -> Iterator[tuple[int, int]]:
        """The spans of code whose values come to stand in a plain container on self."""
        data = self.data
        for token in _OPENINGS:
            for at in finds(data, token):
                head = data[data.rfind(b"\n", 0, at) + 1 : at].rstrip(b"+*| ")
                if b"self." not in head:
                    local = _LOCAL_CONTAINER.match(head)
                    if local is None or local.group(1) not in self._put:
                        continue
                opening = at + len(token) - 1
                parts = arguments(data, opening) if token in _TUPLES else None
                if parts is None or len(parts) != 1:
                    yield self._span(opening)
        for token in _GROWING:
            for at in finds(data, token):
                chain = data[chain_start(data, at) : at]
                own = chain.startswith(b"self.")
                if chain[5:] in self._plain if own else chain in self._put:
                    yield self._span(at + len(token) - 1)
        for at in finds(data, b"] = "):
            head = data[data.rfind(b"\n", 0, at) + 1 : at].lstrip().partition(b"[")[0]
            if head.startswith(b"self.") and head[5:] in self._plain:
                end = data.find(b"\n", at)
                yield at + 4, len(data) if end < 0 else end

    def _span(self, opening: int) -> tuple[int, int]:
        end = closing(self.data, opening)
        return opening + 1, end if end is not None else opening + LIMIT

    def _builds(self, start: int, end: int, builders: set[bytes]) -> bool:
        """Whether a piece of code builds a module, or names a local that is built as one."""
        inside = self.data[start:end]
        if b"(" in inside:
            return any(name in builders for name in re.findall(rb"(\w+)\s*\(", inside))
        return any(
            name in builders
            for local in set(re.findall(rb"[A-Za-z_]\w*", inside))
            for at in finds(self.data, local + b" = ")
            for name in re.findall(rb"(\w+)\s*\(", self.data[at : self.data.find(b"\n", at)])
        )
