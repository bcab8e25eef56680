"""Bytes: may what drops be kept in a plain container, where `nn.Module` does not see it?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from dropout_lint.screen.code import (
    Unclear,
    closing,
    finds,
    first_from,
    is_whole,
    last_before,
    statement_end,
)

_REGISTERING = (b"Sequential", b"ModuleList", b"ModuleDict")
_PLAIN = frozenset({b"list", b"dict", b"tuple"})
_CLASS = re.compile(rb"class[ \t\f]+(\w+)")
# `self.x =` and what is called first behind it.
_KEEPS = re.compile(rb"\s*\w+\s*\.\s*\w+\s*(?::[^=\n]*)?=\s*(?:\w+\s*\.\s*)*(\w+)\s*$")
# Something is put under a name or an attribute, by a statement or a keyword.
_STORE = re.compile(rb"(\.\s*)?\b([A-Za-z_]\w*)\s*(?::[^=\n,(){}]*)?[-+*/|&^@%]*=(?!=)\s*")
_ITEM = re.compile(rb"[])]\s*=(?!=)\s*")
_GROWS = re.compile(
    rb"(\.\s*)?\b(\w+)\s*\.\s*(?:append|extend|insert|add|update|setdefault)\s*(?=\()"
)
_BRACKETS = re.compile(rb"[][(){},]")
_BRACKET = re.compile(rb"[\[({]")
_WORD_BEFORE = re.compile(rb"(\w+)\s*$")
_OPERATORS = frozenset({b"and", b"or", b"not", b"if", b"else", b"in", b"is", b"lambda", b"await"})
_NAME = re.compile(rb"(?<![\w.])[A-Za-z_]\w*(?!\w|\s*[.(\[]|\s*=(?!=))")


class Containers:
    """The plain containers of one file.

    ``modules`` are the names of modules that drop, ``drops`` the offsets of all that drops here.
    """

    def __init__(self, code: bytes, modules: set[bytes], drops: list[int]) -> None:
        self._code = code
        self._seen: dict[bytes, frozenset[bytes]] = {}
        self._builders = modules | {*_REGISTERING} | _dropping_classes(code, drops)

    def hide_modules(self) -> bool:
        """Whether one may hold what a builder built."""
        if all(self._is_registered(start, end) for start, end in self._built()):
            return False
        return any(self._hides(*store) for store in self._stores) or self._grows()

    def _built(self) -> Iterator[tuple[int, int]]:
        """The names that are called to build something."""
        code = self._code
        for name in self._builders:
            for start in finds(code, name):
                end = start + len(name)
                if is_whole(code, start, end) and code[first_from(code, end)] == 40:
                    before = _WORD_BEFORE.search(code, max(0, start - 20), start)
                    if before is None or before.group(1) not in (b"class", b"def"):
                        yield start, end

    # --- the usual --------------------------------------------------------------------------

    def _is_registered(self, start: int, end: int) -> bool:
        """Whether a call is all that is put on an attribute, or inside of such a call."""
        if any(first < start < last for first, last in self._registering):
            return True
        return self._is_put(end) is not None

    @cached_property
    def _registering(self) -> list[tuple[int, int]]:
        """``self.layers = nn.ModuleList(…)``: from bracket to bracket."""
        ends = (at + len(name) for name in _REGISTERING for at in finds(self._code, name))
        return [span for span in map(self._is_put, ends) if span is not None]

    def _is_put(self, end: int) -> tuple[int, int] | None:
        """The brackets of the call whose name ends there, if it is all that an attribute gets."""
        code = self._code
        opening = first_from(code, end)
        line = code.rfind(b"\n", 0, end) + 1
        if code[opening : opening + 1] != b"(" or not _KEEPS.match(code, line, end):
            return None
        close = closing(code, opening)
        return (opening, close) if _is_end(code, close + 1) else None

    # --- the rest ---------------------------------------------------------------------------

    @cached_property
    def _stores(self) -> list[tuple[bool, bytes, bytes]]:
        """Whether it is an attribute, its name, and what is put there."""
        code = self._code
        return [
            (self._is_attribute(m), m.group(2), code[m.end() : _end(code, m.end())])
            for m in _STORE.finditer(code)
        ]

    def _is_attribute(self, match: re.Match[bytes]) -> bool:
        """Whether a store is to an attribute, or to several targets with one among them."""
        if match.group(1):
            return True
        code, start = self._code, match.start()
        before = last_before(code, start)
        if before < 0 or code[before] != 44:
            return False
        line = code[code.rfind(b"\n", 0, start) + 1 : start]
        return b"." in line and b"(" not in line

    @cached_property
    def _tainted(self) -> set[bytes]:
        """The names that may stand for something built, or for a container of it."""
        code = self._code
        flows = [(name, value) for _, name, value in self._stores]
        for match in _GROWS.finditer(code):
            flows.append((match.group(2), code[match.end() : _end(code, match.end())]))
        known: set[bytes] = set()
        while True:
            more = {name for name, value in flows if self._holds(value, known)} - known
            if not more:
                return known
            known |= more

    def _holds(self, value: bytes, names: set[bytes]) -> bool:
        """Whether an expression is, or shows, something built or one of the names."""
        return not (names | self._builders).isdisjoint(self._shown(value))

    def _shown(self, value: bytes) -> frozenset[bytes]:
        """The names in an expression, but for the arguments of calls that build nothing."""
        if value not in self._seen:
            self._seen[value] = frozenset(self._read(value))
        return self._seen[value]

    def _read(self, value: bytes) -> Iterator[bytes]:
        at = 0
        while True:
            match = _BRACKET.search(value, at)
            yield from _NAME.findall(value, at, match.start() if match else len(value))
            if match is None:
                return
            at = match.end()
            word = _WORD_BEFORE.search(value, max(0, match.start() - 80), match.start())
            called = word.group(1) if word else None
            if called in self._builders:
                yield called
            before = last_before(value, match.start())
            is_call = called is not None or (before >= 0 and value[before] in b")]}")
            if is_call and called not in self._builders | _OPERATORS | _PLAIN:
                try:
                    at = closing(value, match.start()) + 1
                except Unclear:
                    return

    def _hides(self, on_attribute: bool, name: bytes, value: bytes) -> bool:
        if not on_attribute or not self._holds(value, self._tainted):
            return False
        return self._is_local_container(value) or is_display(value)

    @cached_property
    def _local_containers(self) -> set[bytes]:
        return {name for attribute, name, put in self._stores if not attribute and is_display(put)}

    def _is_local_container(self, value: bytes) -> bool:
        return value.strip(b" \t\n\f()") in self._local_containers

    def _grows(self) -> bool:
        """``self.xs.append(…)``, ``self.xs[0] = …``."""
        code = self._code
        plain = {name for attribute, name, value in self._stores if attribute and is_display(value)}
        local = {
            value.strip(b" \t\n\f()")
            for attribute, _, value in self._stores
            if attribute and self._is_local_container(value)
        }
        if not plain and not local:
            return False
        for match in _GROWS.finditer(code):
            if match.group(2) in (plain if match.group(1) else local):
                if self._holds(code[match.end() : closing(code, match.end())], self._tainted):
                    return True
        return any(
            self._holds(code[match.end() : _end(code, match.end())], self._tainted)
            for match in _ITEM.finditer(code)
        )


def _dropping_classes(code: bytes, drops: list[int]) -> set[bytes]:
    """The classes in which something drops, or in which one of them is mentioned."""
    classes = []
    for match in _CLASS.finditer(code):
        line = code.rfind(b"\n", 0, match.start()) + 1
        classes.append((match.group(1), match.start(), first_from(code, line) - line))
    spans: list[tuple[bytes, int, int]] = []
    for index, (name, start, column) in enumerate(classes):
        ends = (at for _, at, inner in classes[index + 1 :] if inner <= column)
        spans.append((name, start, next(ends, len(code))))
    found: set[bytes] = set()
    todo = drops
    while todo:
        new = {name for name, start, end in spans if any(start < at < end for at in todo)} - found
        found |= new
        todo = [at for name in new for at in finds(code, name) if is_whole(code, at, at + len(name))]
    return found


def _is_end(code: bytes, at: int) -> bool:
    while code[at : at + 1] in (b" ", b"\t", b"\f"):
        at += 1
    return code[at : at + 1] in (b"", b"\n", b";")


def _end(code: bytes, at: int) -> int:
    try:
        return statement_end(code, at)
    except Unclear:
        return len(code)


def is_display(value: bytes) -> bool:
    """Whether an expression shows a list, tuple or dict outside of the arguments of a call."""
    at = 0
    while True:
        match = _BRACKETS.search(value, at)
        if match is None:
            return False
        start = match.start()
        if match.group() == b",":
            return True
        if match.group() in b")]}":
            return False  # of a call around: a keyword's value ends here
        before = last_before(value, start)
        word = _WORD_BEFORE.search(value, max(0, start - 20), start)
        if before < 0 or word is None and value[before : before + 1] not in (b")", b"]", b"}"):
            return True
        if word is not None and word.group(1) in _OPERATORS | _PLAIN:
            return True
        try:
            at = closing(value, start) + 1
        except Unclear:
            return True
