"""Running the user's code in other processes, from a process that no failure there reaches.

Nothing here imports torch. A job is the name of a function, ``"module:name"``, that takes and
returns a dict; dicts travel as JSON, never as pickles.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from typing import Any

from dropout_lint.config.verify import DEADLINE_S, MEMORY_BYTES
from dropout_lint.verify.process import worker
from dropout_lint.verify.process.failures import worker_lost
from dropout_lint.verify.process.request import JobRequest
from dropout_lint.verify.process.supervise import STARTUP_S
from dropout_lint.verify.report.results import Failure

_GRACE_S = 30.0


@dataclass(frozen=True)
class Result:
    """The value of a job or why there is none, and what the user's code printed."""

    value: dict[str, Any] | None
    failure: Failure | None = None
    output: str = ""
    seconds: float = 0.0


def run_isolated(
    function: str,
    arguments: dict[str, Any],
    *,
    deadline_s: float | None = DEADLINE_S,
    memory_bytes: int | None = MEMORY_BYTES,
    device: str = "cpu",
    host: Host | None = None,
) -> Result:
    """The result of a job that runs in a process of its own.

    Args:
        function: ``"package.module:function"`` of a function from dict to dict. Inside, the stages
            of `child.stage` say what an exception means.
        arguments: what it is given; JSON types only.
        deadline_s: seconds until the process and all that it started are killed.
        memory_bytes: what it may allocate in addition to torch (CPU, Linux).
        device: ``"cuda"`` runs in a process that is started anew.
        host: for several jobs, one after the other: a process that has imported torch already.
    """
    request = JobRequest(function, arguments, deadline_s, memory_bytes, device)
    if host is not None:
        return host.run(request)
    with Host(device) as own:
        return own.run(request)


class Host:
    """A worker, started when first needed, that runs jobs one at a time, each in a child.

    One that has ended is replaced at the next job. `close` ends it and its child, also from another
    thread.
    """

    def __init__(self, device: str = "cpu") -> None:
        self.device = device
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def forks(self) -> bool:
        return hasattr(os, "fork") and self.device in ("cpu", "meta")

    def run(self, request: JobRequest) -> Result:
        process = self._running()
        if process is None:
            return Result(None, worker_lost("it was told to end"))
        assert process.stdin is not None and process.stdout is not None
        patience = (request.deadline_s or 10 * STARTUP_S) + STARTUP_S + _GRACE_S
        alarm = threading.Timer(patience, process.kill)
        alarm.daemon = True
        alarm.start()
        try:
            process.stdin.write(request.line())
            process.stdin.flush()
            process.stdout.readline()  # a message begins and ends with the end of a line
            answer = json.loads(process.stdout.readline())
        except (OSError, ValueError):  # it has ended: broken pipe, or an empty answer
            return Result(None, worker_lost(self._last_words(self._end(process))))
        finally:
            alarm.cancel()
        failure = answer.get("failure")
        return Result(
            answer.get("value"),
            Failure.from_json(failure) if failure is not None else None,
            answer["output"],
            answer["seconds"],
        )

    def close(self) -> None:
        with self._lock:
            self._closed = True
            process = self._process
        if process is not None:
            self._end(process)

    def _running(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._closed:
                return None
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    worker.command("fork" if self.forks else "spawn"),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._errors,
                    env=worker.environment(self.device),
                    start_new_session=sys.platform != "win32",
                )
            return self._process

    def _last_words(self, code: int) -> str:
        self._errors.seek(0)
        lines = self._errors.read()[-2000:].decode(errors="replace").split("\n")
        words = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"it ended with code {code}" + (f": {words}" if words else "")

    def _end(self, process: subprocess.Popen[bytes]) -> int:
        """Close its input, which makes it end its child and itself, and return the exit code."""
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            return process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
