"""A thread with a big stack, for deep trees.

libcst's native parser needs up to 24 KB of stack a nesting level and dies with SIGSEGV on an
ordinary stack; a thread with 256 MB of (virtual) stack costs 90 µs and holds what `ast` accepts.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_STACK = 256 * 1024 * 1024
_RECURSION = 20_000
_lock = threading.Lock()
_here = threading.local()  # whether this thread's stack is a big one


def on_big_stack(function: Callable[[], T]) -> T:
    """The function's result, computed in a thread with a big stack; exceptions come through.

    In such a thread nothing is started.
    """
    if getattr(_here, "big", False):
        return function()
    outcome: list[T] = []
    failure: list[BaseException] = []

    def target() -> None:
        _here.big = True
        try:
            outcome.append(function())
        except BaseException as error:
            failure.append(error)

    with _lock:  # stack size and recursion limit belong to the process
        limit, size = sys.getrecursionlimit(), threading.stack_size()
        try:
            threading.stack_size(_STACK)
        except (ValueError, RuntimeError):  # pragma: no cover - a platform without a choice
            size = 0
        sys.setrecursionlimit(max(limit, _RECURSION))
        try:
            thread = threading.Thread(target=target, name="dropout-lint")
            thread.start()
            thread.join()
        finally:
            sys.setrecursionlimit(limit)
            threading.stack_size(size)
    if failure:
        raise failure[0]
    return outcome[0]
