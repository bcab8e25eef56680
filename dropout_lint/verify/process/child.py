"""The process in which the user's code runs: its limits, its stages, and its messages.

Messages are lines of JSON through a pipe of its own, the *channel*. There, too, faulthandler writes
tracebacks when the process crashes or is close to its deadline; their lines are no JSON.
Standard output and error belong to the model.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import importlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

from dropout_lint.verify.process.failures import Failed, Stage, calling_line, failure_of
from dropout_lint.verify.process.request import JobRequest
from dropout_lint.verify.report.results import Failure, FailureKind

_PR_SET_PDEATHSIG = 1
_DUMP_AT = 0.85  # of the deadline: the traceback has to be written before the process is killed
_channel: int | None = None


@contextlib.contextmanager
def stage(name: Stage) -> Iterator[None]:
    """A context for one of `failures.STAGES`, in which exceptions become `Failed`."""
    _report({"stage": name})
    try:
        yield
    except Failed:
        raise
    except BaseException as error:
        raise Failed(_named_wrongly(error, name) or failure_of(error, name)) from error


def _named_wrongly(error: BaseException, name: str) -> Failure | None:
    """The failure, if the command line names what does not exist; else None."""
    from dropout_lint.verify.targets.input_options import InputError
    from dropout_lint.verify.targets.target_specs import TargetError

    if isinstance(error, TargetError):
        return Failure(FailureKind.TARGET, str(error), stage=name)
    if isinstance(error, InputError):
        return Failure(FailureKind.INPUT, str(error), stage=name)
    return None


def work(request: JobRequest, channel: int) -> None:
    """Do what a request says and end the process. Never returns."""
    global _channel
    _channel = channel
    _limit(request)
    _record_exits()
    try:
        answer = {"value": _call(request.function, request.arguments)}
    except Failed as error:
        answer = {"failure": error.failure.to_json()}
    except BaseException as error:
        answer = {"failure": failure_of(error, "").to_json()}
    faulthandler.cancel_dump_traceback_later()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # the model may have closed or replaced it
            stream.flush()
    _report(answer)
    leave(0)


def _call(function: str, arguments: dict[str, Any]) -> Any:
    module, _, name = function.partition(":")
    return getattr(importlib.import_module(module), name)(arguments)


def _report(message: dict[str, Any]) -> None:
    """Send a message through the channel; do nothing where there is none (outside a child)."""
    if _channel is not None:
        send(_channel, message)


def send(channel: int, message: dict[str, Any]) -> None:
    data = b"\n" + json.dumps(message).encode() + b"\n"  # first end a line of faulthandler's
    while data:
        data = data[os.write(channel, data) :]


leave = os._exit  # the real one


def _record_exits() -> None:
    """Let `os._exit` report its caller, except in children that the model forks."""
    process = os.getpid()

    def recorded(code: int) -> None:
        if os.getpid() == process:
            file, line = calling_line()
            with contextlib.suppress(OSError):
                _report({"left": {"code": code, "file": file, "line": line}})
        leave(code)

    os._exit = recorded  # type: ignore[assignment]


# --- limits -------------------------------------------------------------------------------------


def settle() -> None:
    """End with the parent process, and handle signals as by default."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _limit(request: JobRequest) -> None:
    assert _channel is not None
    faulthandler.enable(_channel)
    deadline = request.deadline_s
    if deadline is not None:
        faulthandler.dump_traceback_later(deadline * _DUMP_AT, file=_channel)
    sys.argv = ["dropout-lint"]
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if request.memory_bytes is not None and request.device != "cuda":
        _limit_memory(request.memory_bytes)


def _limit_memory(more: int) -> None:
    """Allow some bytes more than now. (Not for CUDA, which maps far more than it uses.)"""
    if sys.platform != "linux":
        return  # other systems accept the limit and do not enforce it
    import resource

    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[5])
    limit = pages * resource.getpagesize() + more
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
