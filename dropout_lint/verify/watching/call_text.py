"""The text of the call on a line, and where the call ends. Files are parsed on demand."""

from __future__ import annotations

import ast
import functools
import linecache
import random
import sys
import types
from collections.abc import Iterator
from types import FrameType
from typing import Any

_MODULES = {"python": "random", "numpy": "numpy.random", "torch": "torch"}


def last_row(file: str, line: int) -> int:
    """The last row of the call that begins on a line."""
    ends = [call.end_lineno or line for call in _calls(file) if call.lineno == line]
    return max(ends, default=line)


def drawing(frame: FrameType, line: int, generator: str, held: Any) -> str | None:
    """The function that was called on a line and moved a generator, as the user spells it.

    ``held`` is the generator itself if it is one of the model's own.
    """
    file = frame.f_code.co_filename
    calls = [call for call in _calls(file) if call.lineno == line]
    calls = calls or [c for c in _calls(file) if c.lineno <= line <= (c.end_lineno or 0)]
    fitting = [c for c in calls if any(_is_of(o, generator, held) for o in _objects(c, frame))]
    chosen = fitting or (calls if len(calls) == 1 else [])
    return ast.unparse(chosen[0].func) if chosen else None


@functools.lru_cache(maxsize=64)
def _calls(file: str) -> tuple[ast.Call, ...]:
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError, RecursionError):
        return ()
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _objects(call: ast.Call, frame: FrameType) -> Iterator[Any]:
    """The objects that the names of a dotted function refer to, from left to right.

    No property is run."""
    names: list[str] = []
    node: ast.expr = call.func
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return
    scope = {**frame.f_globals, **frame.f_locals}
    value = scope.get(node.id)
    yield value
    for name in reversed(names):
        entries = getattr(value, "__dict__", None)
        if entries is None or (name not in entries and not isinstance(value, types.ModuleType)):
            entries = getattr(value, "_modules", {})
        if name not in entries:
            return
        value = entries[name]
        yield value


def _is_of(value: Any, generator: str, held: Any) -> bool:
    """Whether a value is a generator, a function of its module, or that module."""
    if held is not None:
        return value is held
    module = _MODULES.get(generator)
    if module is None or value is None:
        return False
    if isinstance(value, types.ModuleType):
        return value.__name__ == module
    if value is random.Random or isinstance(value, random.Random):
        return False
    owner = getattr(value, "__self__", None)
    if generator == "python":
        return owner is getattr(random, "_inst", None)
    kind = getattr(sys.modules.get("numpy.random"), "RandomState", ())
    if generator == "numpy" and isinstance(owner, kind):
        return True
    home = getattr(value, "__module__", None) or ""
    return home == module or home.startswith(f"{module}.")
