"""Which of the edited lines ran. A line that did not run is not proved.

A line counts once all code on it has run: every function, lambda and comprehension that has
instructions there, and every call on it (of ``drop(x) if self.deep else x`` the line event alone
would say nothing).
"""

from __future__ import annotations

import ast
import dis
import inspect
import linecache
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from dropout_lint.verify.watching.lines import tracer

_Code = tuple[str, int, bytes]
_CALLS = frozenset(
    """CALL CALL_FUNCTION CALL_FUNCTION_KW CALL_FUNCTION_EX CALL_KW CALL_METHOD""".split()
)


@dataclass(frozen=True)
class _CodeOnLine:
    """A line in one code object: the offsets of its instructions, and of the calls among them."""

    code: _Code
    offsets: frozenset[int]
    calls: frozenset[int]
    at_import: bool


@dataclass
class Coverage:
    """The edited lines of some files, and how much of them has run while `tracing`.

    ``edited`` are line numbers by path, in the text that `linecache` gives for the path. Lines
    without code (a closing bracket) count as the statement that they belong to; blank lines and
    comments are left out. ``imported``: the files were imported before tracing began, so that their
    module level counts as run.
    """

    edited: Mapping[str, Iterable[int]]
    imported: bool = True
    _wanted: dict[str, dict[int, list[_CodeOnLine]]] = field(default_factory=dict)
    _ran: dict[tuple[str, _Code], set[int]] = field(default_factory=dict)
    _named: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path, lines in self.edited.items():
            full = os.path.realpath(path)
            self._named[full] = path
            self._wanted[full] = _lines(path, lines)

    def branch(self) -> Coverage:
        """A copy that starts with what has run so far."""
        copied = Coverage({}, self.imported)
        copied._wanted, copied._named = self._wanted, self._named
        copied._ran = {key: set(offsets) for key, offsets in self._ran.items()}
        return copied

    def tracing(self) -> AbstractContextManager[None]:
        """A context in which what runs is collected, in new threads too."""
        return tracer(self._start)

    def _start(self, frame: FrameType, kind: str, argument: Any) -> Any:
        path = _real(frame.f_code.co_filename)
        if path not in self._wanted:
            return None
        ran = self._ran.setdefault((path, _identity(frame.f_code)), set())
        frame.f_trace_opcodes = True
        ran.add(max(frame.f_lasti, 0))

        def local(frame: FrameType, kind: str, argument: Any) -> Any:
            ran.add(frame.f_lasti)
            return local

        return local

    @property
    def covered(self) -> tuple[str, ...]:
        return tuple(place for place, ran in self._places() if ran)

    @property
    def uncovered(self) -> tuple[str, ...]:
        return tuple(place for place, ran in self._places() if not ran)

    def _places(self) -> Iterator[tuple[str, bool]]:
        for path, lines in self._wanted.items():
            for line, wanted in sorted(lines.items()):
                yield f"{self._named[path]}:{line}", all(self._has_run(path, w) for w in wanted)

    def _has_run(self, path: str, wanted: _CodeOnLine) -> bool:
        if wanted.at_import and self.imported:
            return True
        ran = self._ran.get((path, wanted.code), set())
        return bool(ran & wanted.offsets) and wanted.calls <= ran


_reals: dict[str, str] = {}


def _real(path: str) -> str:
    if path not in _reals:
        _reals[path] = os.path.realpath(path)
    return _reals[path]


def _identity(code: CodeType) -> _Code:
    return code.co_name, code.co_firstlineno, code.co_code


def _lines(path: str, lines: Iterable[int]) -> dict[int, list[_CodeOnLine]]:
    """The code on each edited line."""
    text = "".join(linecache.getlines(path))
    code_by_line: dict[int, list[_CodeOnLine]] = {}
    for code, at_import in _codes(compile(text, path, "exec", dont_inherit=True), True):
        _add(code, at_import, code_by_line)
    chosen: dict[int, list[_CodeOnLine]] = {}
    statements = _statements(ast.parse(text))
    for line in lines:
        near = next((at for at in (line, statements.get(line)) if at in code_by_line), None)
        if near is not None:
            chosen[line] = code_by_line[near]
    return chosen


def _codes(code: CodeType, at_import: bool) -> Iterator[tuple[CodeType, bool]]:
    """A code object and those inside, with whether each runs when the module is imported."""
    yield code, at_import
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            is_function = bool(inner.co_flags & inspect.CO_OPTIMIZED)
            yield from _codes(inner, at_import and not is_function)


def _add(code: CodeType, at_import: bool, code_by_line: dict[int, list[_CodeOnLine]]) -> None:
    offsets: dict[int, set[int]] = {}
    calls: dict[int, set[int]] = {}
    starts = {instruction.offset: instruction for instruction in dis.get_instructions(code)}
    for start, end, line in code.co_lines():
        if line is None or not line:
            continue
        here = [starts[at] for at in range(start, end, 2) if at in starts]
        offsets.setdefault(line, set()).update(each.offset for each in here)
        calls.setdefault(line, set()).update(each.offset for each in here if each.opname in _CALLS)
    for line, places in offsets.items():
        wanted = _CodeOnLine(_identity(code), frozenset(places), frozenset(calls[line]), at_import)
        code_by_line.setdefault(line, []).append(wanted)


def _statements(tree: ast.AST) -> dict[int, int]:
    """The first line of the innermost statement that each line belongs to."""
    first_lines: dict[int, int] = {}
    for node in ast.walk(tree):  # outer statements come first
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if isinstance(body, list) else node.end_lineno
            for line in range(node.lineno, (last or node.lineno) + 1):
                first_lines[line] = node.lineno
    return first_lines
