"""Bytes: may what drops be kept in a plain container, where `nn.Module` does not see it?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from dropout_lint.files.code import (
    KEYWORDS,
    Unclear,
    closing,
    finds,
    first_from,
    is_whole,
    last_before,
    statement_end,
)
from dropout_lint.python_names import GROWING_METHODS
from dropout_lint.screen.known_names import PLAIN_CONTAINERS, REGISTERING, as_bytes

_REGISTERING = as_bytes(REGISTERING)
_PLAIN = as_bytes(PLAIN_CONTAINERS)
_CLASS = re.compile(rb"class[ \t\f]+(\w+)")
# `self.x =` and what is called first behind it.
_KEEPS = re.compile(rb"\s*\w+\s*\.\s*\w+\s*(?::[^=\n]*)?=\s*(?:\w+\s*\.\s*)*(\w+)\s*$")
_TO_ATTRIBUTE = re.compile(rb"\s*\w+\s*\.\s*\w+\s*(?::[^=\n]*)?=(?!=)\s*")
# What may stand between a name and the value that is put there.
_PUT = rb"[\s)]*(?::[^=\n,(){}]*)?[-+*/|&^@%]*=(?!=)\s*"
_ATTRIBUTE = re.compile(rb"\.\s*([A-Za-z_]\w*)(?:\s*,[^=\n()]*[\s)]*=(?!=)|" + _PUT + rb")")
_LOCAL = re.compile(rb"(?:[^=\n()]*,[^=\n()]*[\s)]*=(?!=)|" + _PUT + rb")")
# What a name that gets something is never followed by, and which most are.
_NO_PUT = frozenset({b"(", b"_"})
_ITEM = re.compile(rb"[])]\s*=(?!=)\s*")
_GROWS = re.compile(rb"\s*\.\s*(?:" + b"|".join(sorted(as_bytes(GROWING_METHODS))) + rb")\s*(?=\()")
_BRACKETS = re.compile(rb"[][(){},]")
_CALLED = re.compile(rb"(\w+)\s*\(")
_WORD_BEFORE = re.compile(rb"(\w+)\s*$")
_CALLEE_BEFORE = re.compile(rb"(\w+)[\s)]*$")  # `list`, `(list)`
_OPERATORS = frozenset({b"and", b"or", b"not", b"if", b"else", b"in", b"is", b"lambda", b"await"})
_WHOLE_NAME = re.compile(rb"[A-Za-z_]\w*")
_NAME = re.compile(rb"(?<![\w.])[A-Za-z_]\w*(?!\w|\s*[.(\[]|\s*=(?!=))")


class Containers:
    """The plain containers of one file.

    ``modules`` are the names of modules that drop, ``drops`` the offsets of all that drops here.
    """

    def __init__(self, code: bytes, modules: set[bytes], drops: list[int]) -> None:
        self._code = code
        self._known: dict[bytes, list[bytes]] = {}
        self._builders = modules | {*_REGISTERING} | _dropping_classes(code, drops)

    def hide_modules(self) -> bool:
        """Whether one may hold what a builder built."""
        if all(self._is_registered(start, end) for start, end in self._built()):
            return False
        seen: set[bytes] = set()
        return any(self._holds(value, seen) for value in self._kept())

    def _built(self) -> Iterator[tuple[int, int]]:
        """The names that are called to build something."""
        code = self._code
        for name in self._builders:
            for start in finds(code, name):
                end = start + len(name)
                at = first_from(code, end)
                if is_whole(code, start, end) and code[at : at + 1] == b"(":
                    before = _WORD_BEFORE.search(code, max(0, start - 20), start)
                    if before is None or before.group(1) not in (b"class", b"def"):
                        yield start, end

    # --- the usual --------------------------------------------------------------------------

    def _is_registered(self, start: int, end: int) -> bool:
        """Whether a call is all that is put on an attribute, or inside of such a call."""
        if any(first < start < last for first, last in self._registering):
            return True
        return self._is_put(end) is not None or self._is_choice(start)

    def _is_choice(self, start: int) -> bool:
        """Whether a call is part of what an attribute gets: ``A() if x else B()``."""
        code = self._code
        put = _TO_ATTRIBUTE.match(code, code.rfind(b"\n", 0, start) + 1)
        if put is None or _BRACKETS.search(code, put.end(), start) is not None:
            return False
        return not is_display(self._value(put.end()))

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

    def _kept(self) -> Iterator[bytes]:
        """The expressions whose values come to be in a plain container on an object."""
        code = self._code
        plain: set[bytes] = set()
        for match in _ATTRIBUTE.finditer(code):
            value = self._value(match.end())
            name = value.strip(b" \t\n\f()")
            if is_display(value) or self._is_container(name):
                plain.add(match.group(1))
                yield value
        for name in plain:
            for start in finds(code, name):
                end = start + len(name)
                dot = last_before(code, start)
                if is_whole(code, start, end) and dot >= 0 and code[dot] == 46:
                    grows = _GROWS.match(code, end)
                    if grows is not None:
                        yield code[grows.end() : closing(code, grows.end()) + 1]
        for match in _ITEM.finditer(code):  # an item, or several targets
            owner = self._owner(match.start())
            if owner is None or owner in plain:
                yield self._value(match.end())

    def _owner(self, end: int) -> bytes | None:
        """The attribute of which an item is set; empty for a variable, None where it is unclear."""
        code, depth = self._code, 0
        for at in range(end, max(0, end - 300), -1):
            if code[at] in b")]}":
                depth += 1
            elif code[at] in b"([{":
                depth -= 1
                if not depth:
                    word = _WORD_BEFORE.search(code, max(0, at - 80), at)
                    if word is None or code[at] != 91:
                        return None
                    before = last_before(code, word.start())
                    return word.group(1) if before >= 0 and code[before] == 46 else b""
        return None

    def _value(self, at: int) -> bytes:
        try:
            return self._code[at : statement_end(self._code, at)]
        except Unclear:
            return self._code[at:]

    def _is_container(self, name: bytes) -> bool:
        """Whether a local variable may be a plain container."""
        return _WHOLE_NAME.fullmatch(name) is not None and any(
            is_display(value) for value in self._values(name)
        )

    def _values(self, name: bytes) -> list[bytes]:
        """What is put under a name, or into it."""
        if name in KEYWORDS:
            return []
        if name not in self._known:
            code = self._code
            found: list[bytes] = []
            for start in finds(code, name):
                end = start + len(name)
                if code[end : end + 1] in _NO_PUT or not is_whole(code, start, end):
                    continue
                before = last_before(code, start)
                if before >= 0 and code[before] == 46:
                    continue
                match = _GROWS.match(code, end) or _LOCAL.match(code, end)
                if match is None:
                    continue
                value = self._value(match.end())
                line = code.rfind(b"\n", 0, start) + 1
                if before >= 0 and code[before] in b"(,":
                    if before < line or b"(" in code[line:start]:
                        value = value[: _argument_end(value)]
                found.append(value)
            self._known[name] = found
        return self._known[name]

    def _holds(self, value: bytes, seen: set[bytes]) -> bool:
        """Whether an expression is, or shows, something built or a name that stands for it.

        ``seen`` are names that were asked about before, to no avail.
        """
        names = set(_shown(value, self._builders))
        if names & self._builders:
            return True
        new = names - seen
        seen |= new
        return any(self._holds(put, seen) for name in new for put in self._values(name))


def _shown(value: bytes, builders: set[bytes]) -> Iterator[bytes]:
    """The names in an expression, and the builders that it calls."""
    yield from _NAME.findall(value)
    yield from (called for called in _CALLED.findall(value) if called in builders)


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
        todo = [
            at for name in new for at in finds(code, name) if is_whole(code, at, at + len(name))
        ]
    return found


def _is_end(code: bytes, at: int) -> bool:
    while code[at : at + 1] in (b" ", b"\t", b"\f"):
        at += 1
    return code[at : at + 1] in (b"", b"\n", b";")


def _argument_end(value: bytes) -> int:
    """Where the first of the arguments ends that a text begins with."""
    at = 0
    while True:
        match = _BRACKETS.search(value, at)
        if match is None:
            return len(value)
        if match.group() not in b"([{":
            return match.start()
        try:
            at = closing(value, match.start()) + 1
        except Unclear:
            return len(value)


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
        try:
            close = closing(value, start)
        except Unclear:
            return True
        before = last_before(value, start)
        word = _WORD_BEFORE.search(value, max(0, start - 20), start)
        called = word.group(1) if word is not None else None
        callee = _CALLEE_BEFORE.search(value, max(0, start - 20), start)
        if callee is not None and callee.group(1) in _PLAIN:
            return True
        is_call = called is not None or (before >= 0 and value[before] in b")]}")
        if not is_call or called in _OPERATORS:
            if value[start] != 40 or is_display(value[start + 1 : close]):
                return True
        at = close + 1
