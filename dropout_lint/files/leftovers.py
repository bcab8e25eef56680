"""Temporary files: their names, and which of them are left from runs that were killed.

A name says which process made the file, so that only files of dead runs are ever removed.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
import time
import zlib
from collections.abc import Iterable
from functools import cache

from dropout_lint.files.names import shown

_PREFIX = ".dropout-lint."
_NAME = re.compile(
    r"\.dropout-lint\.(?P<where>[0-9a-f]{8})-(?P<pid>\d+)-(?P<start>\d+)\."
    r"[a-z0-9_]{8}\.(?:tmp|(?P<copied>.+)\.copy)",
    re.DOTALL,
)
# Processes of another machine or container cannot be asked; no write takes this many seconds.
_OLD = 3600


def prefix() -> str:
    """How the names of this process's temporary files begin."""
    return f"{_PREFIX}{_here()}-{os.getpid()}-{_start_of(os.getpid()) or 0}."


TEMPORARY = ".tmp"


def copy_suffix(name: str) -> str:
    """How the name of a safety copy ends."""
    return f".{name}.copy"


def remove_leftovers(folders: Iterable[str]) -> list[str]:
    """Remove what runs that were killed left in some folders; a sentence for each thing that stays.

    That is a safety copy of a file whose content is another one: the run was killed while it wrote
    the file in place, or somebody changed it since.
    """
    sentences = []
    for folder in folders:
        try:
            names = [name for name in os.listdir(folder) if name.startswith(_PREFIX)]
        except OSError:
            continue
        for name in sorted(names):
            match = _NAME.fullmatch(name)
            path = os.path.join(folder, name)
            if match is None or not _is_dead(match, path):
                continue
            copied = match["copied"]
            if copied is not None and not _is_same(path, os.path.join(folder, copied)):
                sentences.append(
                    f"{shown(os.path.join(folder, copied))}: a run was killed while it wrote the "
                    f"file; what it was before is in {shown(name)}, compare the two and remove that"
                )
                continue
            with contextlib.suppress(OSError):
                os.unlink(path)
    return sentences


def _is_dead(match: re.Match[str], path: str) -> bool:
    """Whether the process that made a file is gone."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    if not stat.S_ISREG(status.st_mode):
        return False
    pid = int(match["pid"])
    if match["where"] != _here() or sys.platform == "win32":
        return time.time() - max(status.st_ctime, status.st_mtime) > _OLD
    start = _start_of(pid)
    if start is not None:
        return start != match["start"]
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:
        return False
    return False


def _is_same(path: str, other: str) -> bool:
    try:
        if not (os.path.isfile(path) and os.path.isfile(other)):
            return False
        with open(path, "rb") as first, open(other, "rb") as second:
            return first.read() == second.read()
    except OSError:
        return False


def _start_of(pid: int) -> str | None:
    """When a process started, in ticks since the system did; None where that is not known."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[19].decode("ascii")
    except (OSError, IndexError):
        return None


@cache
def _here() -> str:
    """The name of the machine, since it started, and of the container that the process is in."""
    import platform

    parts = [platform.node()]
    with contextlib.suppress(OSError):
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            parts.append(file.read())
        parts.append(str(os.stat("/proc/self/ns/pid").st_ino))
    return f"{zlib.crc32(' '.join(parts).encode()):08x}"
