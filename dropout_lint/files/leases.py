"""Leases on files: other programs that open a leased file for writing wait until it is given back.

Only Linux has them, and only some of its file systems; elsewhere none is ever held.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Lease:
    """A lease that is held, one that was refused since others write to the file, or none."""

    handle: int
    inode: int
    is_held: bool = False
    is_refused: bool = False

    def is_broken(self, inode: int) -> bool:
        """Whether it is held and is for another file, or a program waits to write to this one."""
        if sys.platform != "linux" or not self.is_held:
            return False
        import fcntl

        waits = fcntl.fcntl(self.handle, fcntl.F_GETLEASE) != fcntl.F_RDLCK
        return waits or inode != self.inode


@contextlib.contextmanager
def reading(path: str) -> Iterator[Lease]:
    """A lease under which a file may be read by all and written by nobody."""
    if sys.platform != "linux":  # where an open file may be in the way of its replacement
        yield Lease(-1, 0)
        return
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        inode = os.fstat(handle).st_ino
        code = _take(handle, for_reading=True)
        yield Lease(handle, inode, is_held=code == 0, is_refused=code == errno.EAGAIN)
    finally:
        os.close(handle)


def for_writing(handle: int, patience: float) -> None:
    """Keep others from an open file until it is closed, if they can be kept from it."""
    deadline = time.monotonic() + patience
    while _take(handle, for_reading=False) == errno.EAGAIN and time.monotonic() < deadline:
        time.sleep(0.01)


def _take(handle: int, for_reading: bool) -> int:
    """Take a lease; 0, or the number of the error."""
    if sys.platform != "linux":
        return errno.ENOSYS
    import fcntl

    try:
        # Of a program that waits we hear by asking; the usual signal would end the process.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK if for_reading else fcntl.F_WRLCK)
    except OSError as error:
        return error.errno or errno.EINVAL
    return 0
