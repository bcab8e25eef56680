"""The descendants of a process: counting them and ending them, on Linux in all sessions."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator


def adopt_orphans() -> None:
    """Become the parent of the orphans of a child, so that they can be found (Linux)."""
    if sys.platform == "linux":
        import ctypes

        pr_set_child_subreaper = 36
        ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1)


def kill_descendants() -> None:
    """End children that left the session of the process that started them."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid:
            continue
        for descendant in _descendants():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(descendant, signal.SIGKILL)
        time.sleep(0.001)


def count_descendants() -> int:
    return 0 if sys.platform == "win32" else len(_descendants())


def _descendants() -> list[int]:
    """The processes below this one."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    pids: list[int] = []
    below = children.get(os.getpid(), [])
    while below:
        pids += below
        below = [child for pid in below for child in children.get(pid, ())]
    return pids


def _parents() -> Iterator[tuple[int, int]]:
    """All processes with their parents."""
    if not os.path.isdir("/proc/self"):
        command = ["ps", "-axo", "pid=,ppid="]
        listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        for line in listed.splitlines():
            pid, parent = line.split()
            yield int(pid), int(parent)
        return
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
                if fields[0] != b"Z":
                    yield int(name), int(fields[1])
