"""Line by line through the user's code: where a generator moved, and which lines ran.

A dispatch mode sees torch ops of its own thread. Draws from `random` and numpy, and those in other
threads, leave their trace in the states of the generators, so these are compared at every line and
a change is charged to the line before.
"""

from __future__ import annotations

import contextlib
import os
import random
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import torch

from dropout_lint.verify import values
from dropout_lint.verify.report import Cause, Site, Where
from dropout_lint.verify.where import Modules, is_foreign, place_of

_STDLIB = os.path.dirname(os.path.abspath(random.__file__)) + os.sep
_PACKAGES = ("site-packages", "dist-packages")
_CAUSES = {"torch": Cause.TORCH, "python": Cause.PYTHON, "numpy": Cause.NUMPY}
_CALLS = {"torch": "torch's generator", "python": "random", "numpy": "numpy.random"}

Event = Callable[[FrameType, str], None]


def is_user_code(filename: str) -> bool:
    """Whether a file is neither torch's, numpy's, the standard library's nor the verifier's."""
    if is_foreign(filename) or f"{os.sep}numpy{os.sep}" in filename:
        return False
    return not filename.startswith(_STDLIB) or any(part in filename for part in _PACKAGES)


@contextlib.contextmanager
def traced(event: Event) -> Iterator[None]:
    """Call ``event(frame, kind)`` for calls, lines and returns of user code, in new threads too.

    A tracer that is already at work (a debugger, coverage) is put back afterwards.
    """

    def local(frame: FrameType, kind: str, argument: Any) -> Any:
        event(frame, kind)
        return local

    def start(frame: FrameType, kind: str, argument: Any) -> Any:
        if not is_user_code(frame.f_code.co_filename):
            return None
        event(frame, kind)
        return local

    before, threads_before = sys.gettrace(), threading.gettrace()
    threading.settrace(start)
    sys.settrace(start)
    try:
        yield
    finally:
        sys.settrace(before)
        threading.settrace(threads_before)


class Executed:
    """The lines that ran, by file. Use `Executed.event` with `traced`."""

    def __init__(self) -> None:
        self.lines: dict[str, set[int]] = {}

    def event(self, frame: FrameType, kind: str) -> None:
        if kind != "return":
            self.lines.setdefault(frame.f_code.co_filename, set()).add(frame.f_lineno)


class Movements:
    """The lines at which a generator moved. Use `Movements.event` with `traced`."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._states = _fingerprints()
        self._at: dict[int, tuple[FrameType, int]] = {}
        self._lock = threading.Lock()
        self._found: Counter[tuple[str, Where]] = Counter()

    def event(self, frame: FrameType, kind: str) -> None:
        with self._lock:
            thread = threading.get_ident()
            states = _fingerprints()
            for name, state in states.items():
                if name in self._states and self._states[name] != state:
                    self._charge(name, self._at.get(thread, (frame, frame.f_lineno)))
            self._states = states
            outer = frame.f_back if kind == "return" else frame
            if outer is not None and is_user_code(outer.f_code.co_filename):
                self._at[thread] = (outer, outer.f_lineno)

    def _charge(self, name: str, at: tuple[FrameType, int]) -> None:
        self._found[name, place_of(*at, self._modules)] += 1

    def sites(self) -> list[Site]:
        return [
            Site(where, _CALLS[name], _CAUSES[name], calls=calls)
            for (name, where), calls in self._found.items()
        ]


def _fingerprints() -> dict[str, Any]:
    """What changes whenever a generator draws, cheaper than its whole state."""
    _, words, gauss = random.getstate()
    found: dict[str, Any] = {
        "torch": values.content(torch.default_generator.get_state()),
        "python": (words[-1], words[0], gauss),
    }
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        state = numpy.random.get_state(legacy=False)
        inner = state["state"]
        key = inner["key"][:2].tobytes() if "key" in inner else repr(inner)
        found["numpy"] = (key, inner.get("pos"), state.get("has_gauss"), state.get("gauss"))
    return found
