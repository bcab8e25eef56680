"""Why a job has no answer: the sentence, and the user's line."""

from __future__ import annotations

import re
import sys
import traceback
from typing import Any, Literal

from dropout_lint.verify.report.results import Failure, FailureKind
from dropout_lint.verify.report.user_code import is_user_file, user_line

# What happens in the child, in order, and what an exception then means.
Stage = Literal["import", "build", "inputs", "run"]
STAGES: dict[str, tuple[FailureKind, str]] = {
    "import": (FailureKind.IMPORT, "importing it"),
    "build": (FailureKind.BUILD, "building the model"),
    "inputs": (FailureKind.INPUT, "making inputs"),
    "run": (FailureKind.EXCEPTION, "running the model"),
}


class Failed(Exception):
    """The exception for a `Failure`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def failure_of(error: BaseException, stage: str) -> Failure:
    """The failure for an exception of the user's code."""
    kind = STAGES[stage][0] if stage in STAGES else FailureKind.INTERNAL
    frames = traceback.extract_tb(error.__traceback__)
    file, line = user_line((frame.filename, frame.lineno or 0) for frame in reversed(frames))
    if isinstance(error, SyntaxError) and error.filename is not None and error.lineno is not None:
        if is_user_file(error.filename):
            file, line = error.filename, error.lineno
    message = _sentence(error)
    if _is_out_of_memory(error):
        kind = FailureKind.MEMORY
        message = f"out of memory while {_doing(stage)} ({message})"
    elif isinstance(error, SystemExit):
        kind = FailureKind.EXIT
        message = f"calls sys.exit({error.code!r}) while {_doing(stage)}"
    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__, limit=-30))
    return Failure(kind, message, file, line, stage, trace[-20_000:])


def _sentence(error: BaseException) -> str:
    text = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    if isinstance(error, SyntaxError):
        text = error.msg or text
    if len(text) > 300:
        text = f"{text[:300]} …"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


def _doing(stage: str) -> str:
    return STAGES[stage][1] if stage in STAGES else "starting"


# --- processes that ended without an answer -----------------------------------------------------


def hung(seconds: float, stage: str, dump: str) -> Failure:
    file, line = dumped_line(dump)
    message = f"{_doing(stage)} did not end within {seconds:g} s (raise --timeout if it may)"
    return Failure(FailureKind.HANG, message, file, line, stage, dump)


def too_many(count: int, stage: str, dump: str) -> Failure:
    message = f"started {count} processes and more while {_doing(stage)}, so it was stopped"
    return Failure(FailureKind.PROCESSES, message, *dumped_line(dump), stage, dump)


def ended(code: int, stage: str, dump: str, output: str, left: dict[str, Any] | None) -> Failure:
    """The failure of a process that ended without an answer, by a signal if ``code < 0``.

    ``left`` is its message from `os._exit`.
    """
    file, line = dumped_line(dump)
    if code >= 0:
        message = f"the process ended with exit code {code} and no answer while {_doing(stage)}"
        if left is not None:
            file, line = left["file"], left["line"]
            message = f"calls os._exit({left['code']}) while {_doing(stage)}"
        return Failure(FailureKind.EXIT, message, file, line, stage, dump)
    name = _signal_name(-code)
    if "bad_alloc" in output[-2000:]:
        message = f"out of memory while {_doing(stage)} (std::bad_alloc)"
        return Failure(FailureKind.MEMORY, message, file, line, stage, dump)
    why = {
        "SIGSEGV": ", a segmentation fault",
        "SIGKILL": ", perhaps because the system ran out of memory",
    }.get(name, "")
    message = f"the process died of {name}{why} while {_doing(stage)}"
    return Failure(FailureKind.CRASH, message, file, line, stage, dump)


def worker_lost(detail: str) -> Failure:
    return Failure(FailureKind.INTERNAL, f"the process that runs models was lost ({detail})")


_FRAME = re.compile(r'^\s+File "(?P<file>.*)", line (?P<line>\d+)', re.MULTILINE)
_THREAD = re.compile(r"^(?:(?P<current>Current t)|T)hread 0x.*$", re.MULTILINE)


def dumped_line(dump: str) -> tuple[str | None, int]:
    """The user's line in a dump of faulthandler's: of the thread that crashed, or the main one."""
    starts = list(_THREAD.finditer(dump))
    ends = [*(match.start() for match in starts), len(dump)][1:]
    blocks = [dump[match.end() : end] for match, end in zip(starts, ends, strict=True)]
    crashed = [block for match, block in zip(starts, blocks, strict=True) if match["current"]]
    for block in (*crashed, *reversed(blocks)):  # the main thread comes last
        place = user_line((m["file"], int(m["line"])) for m in _FRAME.finditer(block))
        if place[0] is not None:
            return place
    return None, 0


def _signal_name(number: int) -> str:
    import signal

    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def calling_line() -> tuple[str | None, int]:
    """The user's line that is running in this thread."""
    frame = sys._getframe(1)
    frames = []
    while frame is not None:
        frames.append((frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back  # type: ignore[assignment]
    return user_line(frames)
