"""Supervising one child: its answer, its output, its time and its descendants."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from dropout_lint.verify.process import failures
from dropout_lint.verify.process.descendants import count_descendants, kill_descendants
from dropout_lint.verify.report.results import Failure

STARTUP_S = 300.0  # for importing torch, where a process does so before its time counts
_TICK = 0.1
_MAX_PROCESSES = 64
_KEEP = 16_000


class Abandoned(Exception):
    """The caller no longer waits for the answer."""


@dataclass
class Process:
    """A child: its messages (`channel`), what its model prints (`output`), and its exit code."""

    pid: int
    channel: int
    output: int
    popen: subprocess.Popen[bytes] | None = None
    code: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        if self.code is None:
            if self.popen is not None:
                self.code = self.popen.poll()
            else:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                self.code = os.waitstatus_to_exitcode(status) if pid else None
        return self.code

    def kill(self) -> None:
        """End it and all that it started."""
        if sys.platform == "win32":
            command = ["taskkill", "/F", "/T", "/PID", str(self.pid)]
            subprocess.run(command, capture_output=True, check=False)
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        while self.poll() is None:
            time.sleep(0.001)
        for stream in (self.channel, self.output):
            os.close(stream)
        if sys.platform != "win32":
            kill_descendants()


@dataclass
class Text:
    """The beginning and the end of a text of any length."""

    head: bytes = b""
    tail: bytes = b""
    dropped: int = 0

    def add(self, data: bytes) -> None:
        room = _KEEP - len(self.head)
        self.head += data[:room]
        self.tail += data[room:] if room < len(data) else b""
        if len(self.tail) > 2 * _KEEP:
            self.dropped += len(self.tail) - _KEEP
            self.tail = self.tail[-_KEEP:]

    def __str__(self) -> str:
        cut = f"\n… {self.dropped} bytes more …\n".encode() if self.dropped else b""
        return (self.head + cut + self.tail).decode(errors="replace")


@dataclass
class _Heard:
    """The messages of the channel so far."""

    buffer: bytes = b""
    dump: Text = field(default_factory=Text)
    stage: str = ""
    ready: bool = False
    answer: dict[str, Any] | None = None
    left: dict[str, Any] | None = None

    def add(self, data: bytes) -> None:
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        for line in lines:
            self._line(line)

    def _line(self, line: bytes) -> None:
        message = None
        if line.startswith(b"{"):
            with contextlib.suppress(ValueError):
                message = json.loads(line)
        if message is None:
            self.dump.add(line + b"\n")
        elif "stage" in message:
            self.stage = message["stage"]
        elif "left" in message:
            self.left = message["left"]
        elif "ready" in message:
            self.ready = True
        else:
            self.answer = message


def supervise(
    process: Process, deadline_s: float | None, caller: int | None = None
) -> dict[str, Any]:
    """The answer of a process, which is then ended with its descendants.

    It is a dict with ``value`` or ``failure``, and ``output`` and ``seconds``. ``caller`` is a pipe
    that is closed when the caller no longer waits (then `Abandoned` is raised).
    """
    watch = _Supervision(process, deadline_s, caller)
    try:
        failure = watch.run()
    finally:
        process.kill()
    answer = watch.heard.answer if failure is None else {"failure": failure.to_json()}
    assert answer is not None
    return {**answer, "output": str(watch.output), "seconds": watch.seconds}


class _Supervision:
    def __init__(self, process: Process, deadline_s: float | None, caller: int | None) -> None:
        self.process = process
        self.heard = _Heard(ready=process.popen is None)
        self.output = Text()
        self._deadline_s = deadline_s
        self._caller = caller
        self._start = time.monotonic()
        self._clock = self._start  # of the job, after the start of the process

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._clock

    def run(self) -> Failure | None:
        open_ends = {self.process.channel, self.process.output}
        next_count = self._start + _TICK
        while True:
            ended = self.process.poll() is not None
            for end in self._readable(open_ends, 0.0 if ended else self._wait(next_count)):
                self._read(end, open_ends)
            if self.heard.answer is not None:
                self._drain(open_ends)
                return None
            if ended:
                self._drain(open_ends)
                return None if self.heard.answer is not None else self._death()
            now = time.monotonic()
            if self._is_late(now):
                return failures.hung(self._deadline_s or STARTUP_S, self.heard.stage, self._dump())
            if now >= next_count:
                count = count_descendants()
                if count > _MAX_PROCESSES:
                    return failures.too_many(_MAX_PROCESSES, self.heard.stage, self._dump())
                next_count = time.monotonic() + _TICK

    def _wait(self, next_count: float) -> float:
        until = next_count
        if self.heard.ready and self._deadline_s is not None:
            until = min(until, self._clock + self._deadline_s)
        return max(0.0, until - time.monotonic())

    def _is_late(self, now: float) -> bool:
        if not self.heard.ready:
            return now - self._start > STARTUP_S
        return self._deadline_s is not None and now - self._clock > self._deadline_s

    def _death(self) -> Failure:
        code = self.process.code
        assert code is not None
        output = str(self.output)
        return failures.ended(code, self.heard.stage, self._dump(), output, self.heard.left)

    def _dump(self) -> str:
        return str(self.heard.dump).strip()

    def _readable(self, ends: set[int], timeout: float) -> list[int]:
        watched = [*ends, self._caller] if self._caller is not None else [*ends]
        readable = _readable(watched, timeout)
        if self._caller is not None and self._caller in readable:
            raise Abandoned
        return readable

    def _read(self, end: int, open_ends: set[int]) -> None:
        data = os.read(end, 65_536)
        if not data:
            open_ends.discard(end)
        elif end == self.process.output:
            self.output.add(data)
        else:
            was_ready = self.heard.ready
            self.heard.add(data)
            if self.heard.ready and not was_ready:
                self._clock = time.monotonic()

    def _drain(self, open_ends: set[int]) -> None:
        """Read what is there, without waiting for children that still write."""
        for _ in range(1000):
            readable = _readable([*open_ends], 0.0)
            if not readable:
                return
            for end in readable:
                self._read(end, open_ends)


def _readable(ends: list[int], timeout: float) -> list[int]:
    """Those of some pipes that can be read, or are closed."""
    if sys.platform != "win32":
        if not ends:
            time.sleep(min(timeout, 0.005))
            return []
        return select.select(ends, [], [], timeout)[0]
    import _winapi
    import msvcrt

    until = time.monotonic() + timeout
    while True:
        readable = []
        for end in ends:
            try:
                if _winapi.PeekNamedPipe(msvcrt.get_osfhandle(end), 0)[0]:
                    readable.append(end)
            except OSError:
                readable.append(end)
        if readable or time.monotonic() >= until:
            return readable
        time.sleep(0.005)
