"""Putting another content into a file: by a file that takes its place, or in place."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass

from dropout_lint.files import leases, leftovers
from dropout_lint.files.exchange import exchange
from dropout_lint.files.names import shown
from dropout_lint.files.source import SourceError, read_bytes, reason

_PATIENCE = 0.5  # seconds for which another program may have the file open
_MOMENT = 0.001  # and for one that has found the file to open it
_SEVERAL_NAMES = "has several names (hard links)"
_MOUNTED = "is mounted by itself"
_NOT_OURS = "has an owner or attributes that a new file cannot be given"


class Changed(Exception):
    """The file is no longer what was read."""


class Busy(Exception):
    """Another program has the file open for writing."""


class _InPlace(Exception):
    """The file cannot be replaced by another; the message says why."""


def is_append_only(folder: str) -> bool:
    """Whether files can be made in a folder and not be removed."""
    if sys.platform != "linux":
        status = os.stat(folder)
        return bool(getattr(status, "st_flags", 0) & (stat.UF_APPEND | stat.SF_APPEND))
    import fcntl
    import struct

    read_flags = 0x80006601 | struct.calcsize("l") << 16  # FS_IOC_GETFLAGS
    append_only = 0x20  # FS_APPEND_FL
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        answer = fcntl.ioctl(handle, read_flags, bytes(struct.calcsize("l")))
        return bool(int.from_bytes(answer[:4], sys.byteorder) & append_only)
    except OSError:  # a file system without such attributes
        return False
    finally:
        os.close(handle)


def replace(
    name: str, target: str, data: bytes, expected: bytes, status: os.stat_result
) -> str | None:
    """Give a file another content; a sentence if that was done in place.

    Raises Changed, Busy, or the OSError that it failed with.
    """
    if read_bytes(target) != expected:
        raise Changed
    try:
        if status.st_nlink > 1:
            raise _InPlace(_SEVERAL_NAMES)
        _by_another(target, data, expected, status)
    except _InPlace as why:
        _overwrite(name, target, data, expected)
        return f"{name}: {why}, so it was written in place"
    return None


# --- by another file ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Content:
    """What a name stands for at a moment: which file, and what is in it."""

    device: int
    inode: int
    data: bytes

    @classmethod
    def of(cls, path: str) -> _Content | None:
        """What a path stands for; None if it is nothing that can be read."""
        try:
            if not stat.S_ISREG(os.lstat(path).st_mode):
                return None
            with open(path, "rb") as file:
                status = os.fstat(file.fileno())
                return cls(status.st_dev, status.st_ino, file.read())
        except OSError:
            return None


def _by_another(target: str, data: bytes, expected: bytes, status: os.stat_result) -> None:
    """Write a temporary file beside the target and move it there.

    Raises _InPlace if the file that results would not be like the one it replaces.
    """
    handle, temporary = tempfile.mkstemp(
        leftovers.TEMPORARY, leftovers.prefix(), os.path.dirname(target)
    )
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if hasattr(os, "chown"):
                with contextlib.suppress(OSError):  # only root may give files away
                    os.chown(temporary, status.st_uid, status.st_gid)
            os.chmod(temporary, stat.S_IMODE(status.st_mode))
            if not _has_attributes_of(target, temporary, status):
                raise _InPlace(_NOT_OURS)
            os.fsync(file.fileno())
        try:
            _move(temporary, target, expected)
        except OSError as error:
            if error.errno == errno.EBUSY:
                raise _InPlace(_MOUNTED) from None
            raise
    finally:  # an interrupt, too, leaves nothing behind
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _has_attributes_of(target: str, temporary: str, status: os.stat_result) -> bool:
    """Give a file another one's extended attributes, ACLs among them; whether it is like it now."""
    if hasattr(os, "listxattr"):
        try:
            wanted, present = _attributes(target), _attributes(temporary)
            for name in present.keys() - wanted.keys():  # a folder may give ACLs to new files
                os.removexattr(temporary, name)
            for name, value in wanted.items():
                if present.get(name) != value:
                    os.setxattr(temporary, name, value)
        except OSError:
            return False
    now = os.stat(temporary)
    return (now.st_uid, now.st_gid, now.st_mode) == (status.st_uid, status.st_gid, status.st_mode)


def _attributes(path: str) -> dict[str, bytes]:
    try:
        names = os.listxattr(path)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return {}
        raise
    return {name: os.getxattr(path, name) for name in names}


def _move(temporary: str, target: str, expected: bytes) -> None:
    """Put a file in another's place if that one is what was read, at the very moment of the move.

    The two files change places, and what came out is looked at: if it is something else, it is put
    back. A lease tells of programs that want to write to the file while that happens; they wait.
    Afterwards ``temporary`` is the name of what is no longer needed.
    """
    ours = _Content.of(temporary)
    with _leased(target, temporary) as lease:
        there = _Content.of(target)
        if ours is None or there is None or there.data != expected or lease.is_broken(there.inode):
            raise Changed
        if not exchange(temporary, target):
            os.replace(temporary, target)
            return
        time.sleep(_MOMENT if lease.is_held else 0)
        came = _Content.of(temporary)
        if came == there and not lease.is_broken(there.inode):
            return
        # Somebody saved the file meanwhile. Back with it; what comes out should be ours, and if it
        # is not, somebody saved once more, and that is what belongs there.
        put, inside = came, ours
        while True:
            exchange(temporary, target)
            came = _Content.of(temporary)
            if came is None or came == inside or put is None:
                raise Changed
            put, inside = came, put


@contextlib.contextmanager
def _leased(target: str, temporary: str) -> Iterator[leases.Lease]:
    """Hold a lease on the target, if there can be one. Raises Busy if somebody writes to it."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        with leases.reading(target) as lease:
            if not lease.is_refused:
                yield lease
                return
        with leases.reading(temporary) as probe:
            if not probe.is_held:  # nothing can be leased here
                yield probe
                return
        if time.monotonic() > deadline:
            raise Busy
        time.sleep(0.01)


# --- in place -----------------------------------------------------------------------------------


def _overwrite(shown_name: str, target: str, data: bytes, expected: bytes) -> None:
    """Write a file in place, with a copy of it beside it as long as it is not whole."""
    folder, name = os.path.split(target)
    handle, copy = tempfile.mkstemp(leftovers.copy_suffix(name), leftovers.prefix(), folder)
    whole = True
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(expected)
            file.flush()
            os.fsync(file.fileno())
        with open(target, "r+b", buffering=0) as file:
            leases.for_writing(file.fileno(), _PATIENCE)
            if file.read() != expected or not os.path.samestat(
                os.fstat(file.fileno()), os.stat(target)
            ):
                raise Changed
            whole = False
            try:
                _fill(file.fileno(), data)
            except OSError:
                try:
                    _fill(file.fileno(), expected)
                except OSError as error:
                    raise SourceError(
                        f"{shown_name}: was written in part, {reason(error)}; "
                        f"what it was before is in {shown(os.path.basename(copy))} beside it"
                    ) from None
                whole = True
                raise
            whole = True
    finally:
        if whole:
            with contextlib.suppress(OSError):
                os.unlink(copy)


def _fill(handle: int, data: bytes) -> None:
    at = 0
    while at < len(data):
        os.lseek(handle, at, os.SEEK_SET)
        at += os.write(handle, data[at:])
    os.ftruncate(handle, len(data))
    os.fsync(handle)
