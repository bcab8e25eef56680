"""Writing a changed file: whole or not at all, and never over a change that somebody else made."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from dropout_lint.files.names import shown
from dropout_lint.files.source import SourceError, reason


def write(path: str, data: bytes, expected: bytes) -> str | None:
    """Give a file another content at once; all else about it stays.

    Returns a sentence if the file had to be written in place, None if it was replaced. Raises
    SourceError, and leaves the file as it is, if it cannot be written or no longer holds
    ``expected``.
    """
    from dropout_lint.files import replacing  # most runs write nothing

    target = os.path.realpath(path)
    name = shown(path)
    try:
        status = os.stat(target)
    except OSError:
        raise SourceError(f"{name}: was removed while it was being fixed; run again") from None
    # Mode bits too: root may write everywhere, and still should not here.
    if not status.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise SourceError(f"{name}: is read-only and was left as it is; make it writable to fix it")
    if replacing.is_append_only(os.path.dirname(target)):
        raise SourceError(
            f"{name}: lies in an append-only folder and was left as it is; "
            "take that attribute off the folder to fix it"
        )
    try:
        with _undisturbed():
            return replacing.replace(name, target, data, expected, status)
    except replacing.Busy:
        raise SourceError(
            f"{name}: is open for writing in another program and was left as it is; "
            "close it there and run again"
        ) from None
    except replacing.Changed:
        raise SourceError(
            f"{name}: changed while it was being fixed and was left as it is; run again"
        ) from None
    except FileNotFoundError:
        raise SourceError(f"{name}: was removed while it was being fixed; run again") from None
    except OSError as error:
        raise SourceError(
            f"{name}: cannot be written, {reason(error)}; it was left as it is, "
            "make room or change the permissions of its folder"
        ) from None


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let signals that end the process wait until a file is whole and nothing lies beside it.

    By handlers, for a mask counts for one thread only: another that is about to end takes the
    signal. Only the main thread can set them.
    """
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ending = [getattr(signal, n) for n in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, n)]
    waiting: list[int] = []
    before = {}
    try:
        for number in ending:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, lambda number, _: waiting.append(number))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in waiting:
            os.kill(os.getpid(), number)
