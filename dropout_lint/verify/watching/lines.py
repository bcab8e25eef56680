"""Tracing the user's code line by line: where a generator moved, and which lines ran.

A dispatch mode sees the torch ops of its own thread. Draws from `random` and numpy, and those in
other threads, change the states of the generators. So the states are compared at every line, and a
change is attributed to the line before.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

from dropout_lint.verify.report.eval_report import Cause, RandomOp, Where
from dropout_lint.verify.report.user_code import is_stdlib
from dropout_lint.verify.running import rng
from dropout_lint.verify.watching.call_text import drawing
from dropout_lint.verify.watching.place import ModulePaths, is_foreign, place_of

_CAUSES: dict[rng.GeneratorKind, Cause] = {
    "torch": Cause.TORCH,
    "python": Cause.PYTHON,
    "numpy": Cause.NUMPY,
}
_CALLS = {"torch": "torch's generator", "python": "random", "numpy": "numpy.random"}

Event = Callable[[FrameType, str], None]
Tracer = Callable[[FrameType, str, Any], Any]  # as `sys.settrace` takes it


def is_user_code(filename: str) -> bool:
    """Whether a file is neither torch's, numpy's, the standard library's nor the verifier's."""
    if is_foreign(filename) or f"{os.sep}numpy{os.sep}" in filename:
        return False
    return not is_stdlib(filename)


@contextlib.contextmanager
def traced(event: Event) -> Iterator[None]:
    """Call ``event(frame, kind)`` for calls, lines and returns of user code, in new threads too."""

    def local(frame: FrameType, kind: str, argument: Any) -> Any:
        event(frame, kind)
        return local

    def start(frame: FrameType, kind: str, argument: Any) -> Any:
        if not is_user_code(frame.f_code.co_filename):
            return None
        event(frame, kind)
        return local

    with tracer(start):
        yield


@contextlib.contextmanager
def tracer(start: Tracer) -> Iterator[None]:
    """Trace with a function, in new threads too.

    A tracer that is already at work (a debugger, coverage) is put back afterwards.
    """
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


@dataclass(frozen=True)
class Move:
    """A line at which a generator moved: its states before and after."""

    generator: str
    where: Where
    called: str | None
    before: Any
    after: Any

    @property
    def place(self) -> tuple[str, Where]:
        return self.generator, self.where


class Movements:
    """The lines at which a generator moved. Use `Movements.event` with `traced`."""

    def __init__(self, modules: ModulePaths) -> None:
        self._modules = modules
        self._held = rng.held(modules.model)
        self._states = rng.fingerprints(self._held)
        self._earlier = {(name, state) for name, state in self._states.items()}
        self._at: dict[int, tuple[FrameType, int]] = {}
        self._lock = threading.Lock()
        self.moves: list[Move] = []

    def event(self, frame: FrameType, kind: str) -> None:
        with self._lock:
            thread = threading.get_ident()
            states = rng.fingerprints(self._held)
            for name, state in states.items():
                before = self._states.get(name)
                if before is not None and before != state:
                    frame_at = self._at.get(thread, (frame, frame.f_lineno))
                    self._attribute(name, *frame_at, before, state)
            self._states = states
            outer = frame.f_back if kind == "return" else frame
            if outer is not None and is_user_code(outer.f_code.co_filename):
                self._at[thread] = (outer, outer.f_lineno)

    def _attribute(self, name: str, frame: FrameType, line: int, before: Any, after: Any) -> None:
        if (name, after) in self._earlier:
            return  # it was restored: drawing never leads back to an earlier state
        self._earlier.add((name, after))
        called = drawing(frame, line, name, self._held.get(name))
        where = place_of(frame, line, self._modules)
        self.moves.append(Move(name, where, called, before, after))


@dataclass(frozen=True)
class Moved:
    """A random op that only the states of the generators show, and the generator it moves."""

    site: RandomOp
    generator: str


def classify(
    first: list[Move], again: list[Move], other: list[Move]
) -> tuple[list[Moved], list[str]]:
    """Draws, and notes about the rest, from two runs under one seed and one under another.

    A line that leaves a generator in one state, whatever the state before, seeds it. A line that
    leaves it in another state at every run seeds it from the outside world.
    """
    draws: Counter[tuple[str, Where, str, Cause]] = Counter()
    notes: list[str] = []
    for index, move in enumerate(first):
        repeated, differing = (_same_place(moves, index, move) for moves in (again, other))
        op = move.called or _CALLS.get(move.generator.partition(":")[0], "a generator")
        if repeated is not None and repeated.before == move.before and repeated.after != move.after:
            draws[move.generator, move.where, op, Cause.OUTSIDE] += 1
        elif (
            differing is not None
            and differing.before != move.before
            and differing.after == move.after
        ):
            notes.append(f"forward seeds a generator: {op} at {move.where}")
        else:
            cause = _CAUSES[rng.generator_kind(move.generator)]
            draws[move.generator, move.where, op, cause] += 1
    moved = [
        Moved(RandomOp(where, op, cause, calls=calls, own_generator=rng.is_own(name)), name)
        for (name, where, op, cause), calls in draws.items()
    ]
    return moved, notes


def _same_place(moves: list[Move], index: int, move: Move) -> Move | None:
    """The move of another run that corresponds to one of the first run."""
    other = moves[index] if index < len(moves) else None
    return other if other is not None and other.place == move.place else None
