"""Texts that Python reads and libcst does not: what is left of them without what libcst refuses."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator
from typing import NamedTuple

_FEED = re.compile(r"(\r\n|\n)(\f+)(?=[ \t]*\S)")
_LINE_END = re.compile(r"\r\n|\r|\n")
_NO_LINE_END = re.compile(r"[^\r\n]")
_MAX_TRIES = 300


class Rest(NamedTuple):
    """A text of the same length that libcst reads, and the statements left out with their rows."""

    text: str
    left_out: tuple[tuple[int, str], ...] = ()


class _Place(NamedTuple):
    start: int
    end: int
    row: int
    inner: list[ast.stmt]


def rest_of(text: str, reads: Callable[[str], bool]) -> Rest | None:
    """What libcst reads of a text, with everything at its offset; None if that is nothing.

    A form feed that begins a line goes to the end of the line before. A statement that is refused
    becomes a ``pass``, the innermost one that it can be.
    """
    text = _FEED.sub(lambda match: " " * len(match[2]) + match[1], text)
    if reads(text):
        return Rest(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _Search(text, reads).rest(tree)


class _Search:
    def __init__(self, text: str, reads: Callable[[str], bool]) -> None:
        self._text = text
        self._reads = reads
        self._tries = 0
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def rest(self, tree: ast.Module) -> Rest | None:
        rest = self._text
        left_out: list[tuple[int, str]] = []
        for place in self._places(tree.body):
            if self._is_read(self._text[place.start : place.end]):
                continue
            refused = self._innermost(place)
            if refused is None:
                return None
            rest = _without(rest, refused)
            left_out.append((refused.row, self._text[refused.start : refused.end]))
        return Rest(rest, tuple(left_out)) if left_out and self._is_read(rest) else None

    def _innermost(self, place: _Place) -> _Place | None:
        """The innermost statement without which a statement at the left edge is read."""
        best: _Place | None = place if place.end - place.start >= 4 else None
        todo = place.inner
        while todo:
            for inner in self._places(todo):
                whole = _without(self._text, inner)[place.start : place.end]
                if inner.end - inner.start >= 4 and self._is_read(whole):
                    best, todo = inner, inner.inner
                    break
            else:
                break
        return best

    def _is_read(self, text: str) -> bool:
        self._tries += 1
        return self._tries <= _MAX_TRIES and self._reads(text + "\n")

    def _places(self, statements: list[ast.stmt]) -> Iterator[_Place]:
        for node in statements:
            decorators = getattr(node, "decorator_list", [])
            start = self._at(node.lineno, node.col_offset)
            if decorators:
                first = decorators[0]
                start = self._text.rfind("@", 0, self._at(first.lineno, first.col_offset))
            assert node.end_lineno is not None and node.end_col_offset is not None
            end = self._at(node.end_lineno, node.end_col_offset)
            yield _Place(start, end, node.lineno, list(_statements_in(node)))

    def _at(self, row: int, column: int) -> int:
        """The offset of a place, of which `ast` counts the column in bytes of UTF-8."""
        start = self._starts[row - 1]
        line = self._text[start : self._starts[row] if row < len(self._starts) else None]
        if line.isascii():
            return start + column
        return start + len(line.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))


def _statements_in(node: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, (ast.ExceptHandler, *_CASES)):
            yield from _statements_in(child)


_CASES = (ast.match_case,)


def _without(text: str, place: _Place) -> str:
    blank = _NO_LINE_END.sub(" ", text[place.start + 4 : place.end])
    return f"{text[: place.start]}pass{blank}{text[place.end :]}"
