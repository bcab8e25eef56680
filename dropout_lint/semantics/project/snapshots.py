"""The bytes of a project's files, read once and looked at again only where they have changed.

Searching all files for a name is one search in their joined bytes. Within `at_one_moment` the
project counts as it was at the first look; outside of it each look notices what has changed.
"""

from __future__ import annotations

import os
import stat
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import TypeAlias

from dropout_lint.semantics.project.modules import FileVersion, root_of
from dropout_lint.vocabulary.methods import FOLDERS_WITHOUT_CALLERS

# How much of a project is read for its calls.
MAX_SIZE = 300_000
_MAX_FILES = 4000
_MAX_BYTES = 24_000_000
_KEPT = 4
_SEPARATOR = b"\n"

# Whether the bytes of a file use a token in a certain way.
Test: TypeAlias = "Callable[[bytes, bytes], bool]"
_Listing = dict[str, FileVersion]


class Snapshot:
    """The files below a folder, or those nearest to it, that define functions: in their order."""

    def __init__(self, listing: _Listing, before: Snapshot | None) -> None:
        self.listing = listing
        files = [(path, _data(path, version, before)) for path, version in listing.items()]
        files = [(path, data) for path, data in files if b"def" in data]
        self.paths = [path for path, _ in files]
        self.numbers = {path: number for number, path in enumerate(self.paths)}
        self._joined = _SEPARATOR.join(data for _, data in files)
        lengths = (len(data) + len(_SEPARATOR) for _, data in files)
        self._starts = list(accumulate(lengths, initial=0))
        self._kept: dict[tuple[bytes, Test], list[int]] = {}

    def data(self, number: int) -> bytes:
        """The bytes of a file."""
        return self._joined[self._starts[number] : self._starts[number + 1] - len(_SEPARATOR)]

    def passing(self, token: bytes, test: Test) -> list[int]:
        """The numbers of the files that hold a token and pass a test; the answer is kept."""
        key = (token, test)
        if key not in self._kept:
            self._kept[key] = [n for n in self.holding(token) if test(self.data(n), token)]
        return self._kept[key]

    def holding(self, token: bytes) -> list[int]:
        """The numbers of the files that hold a token."""
        found: list[int] = []
        at = self._joined.find(token)
        while at >= 0:
            found.append(bisect_right(self._starts, at) - 1)
            at = self._joined.find(token, self._starts[found[-1] + 1])
        return found


_snapshots: dict[tuple[str, bool], Snapshot | None] = {}
_looked_at: set[tuple[str, bool]] | None = None


@contextmanager
def at_one_moment() -> Iterator[None]:
    """Look at the files of each project once until this is left."""
    global _looked_at
    outer = _looked_at
    _looked_at = set() if outer is None else outer
    try:
        yield
    finally:
        _looked_at = outer


def snapshots_around(folder: str) -> list[Snapshot]:
    """The snapshots that together hold the files around a folder.

    One is that of its project, unless that is too large: then it holds the files nearest to the
    folder. Others are those of folders around it that the project's leaves out.
    """
    around = list(_folders_around(folder))
    tops = [at for at in around[:-1] if _is_left_out(os.path.basename(at)) or os.path.islink(at)]
    found = [_snapshot(top, False) for top in (*tops, around[-1])]
    whole = [snapshot for snapshot in found if snapshot is not None]
    if len(whole) == len(found):
        return whole
    near = _snapshot(folder, True)
    return [near] if near is not None else []


def _snapshot(folder: str, near: bool) -> Snapshot | None:
    """The snapshot of a folder as it is now; None if there are too many files."""
    key = (folder, near)
    known = key in _snapshots
    before = _snapshots.pop(key, None)
    if known and _looked_at is not None and key in _looked_at:
        _snapshots[key] = before  # the last one used is the last to go
        return before
    entries = _files_around(folder) if near else _files_in(folder, "")
    listing, is_whole = _listed(entries)
    if not (is_whole or near):
        _snapshots[key] = None
    elif before is not None and list(before.listing.items()) == list(listing.items()):
        _snapshots[key] = before
    else:
        _snapshots[key] = Snapshot(listing, before)
    while len(_snapshots) > _KEPT:
        del _snapshots[next(iter(_snapshots))]
    if _looked_at is not None:
        _looked_at.add(key)
    return _snapshots[key]


def _listed(entries: Iterable[os.DirEntry[str]]) -> tuple[_Listing, bool]:
    """The versions of files, and whether they are all within the bounds."""
    listing: _Listing = {}
    bytes_left = _MAX_BYTES
    for number, entry in enumerate(entries):
        try:
            status = entry.stat()
        except OSError:
            continue
        if not stat.S_ISREG(status.st_mode):
            continue
        bytes_left -= min(status.st_size, MAX_SIZE + 1)
        if number >= _MAX_FILES or bytes_left < 0:
            return listing, False
        listing[entry.path] = FileVersion(status.st_mtime_ns, status.st_size)
    return listing, True


def _data(path: str, version: FileVersion, before: Snapshot | None) -> bytes:
    """The bytes of a file, but for what is beyond the largest size; nothing if it is unreadable."""
    if before is not None and before.listing.get(path) == version:
        number = before.numbers.get(path)
        return before.data(number) if number is not None else b""
    try:
        with open(path, "rb") as file:
            return file.read(MAX_SIZE + 1)
    except OSError:
        return b""


def _folders_around(folder: str) -> Iterator[str]:
    """A folder and those around it, up to the root of the project."""
    root = root_of(folder)
    while True:
        yield folder
        outer = os.path.dirname(folder)
        if folder == root or outer == folder:
            return
        folder = outer


def _files_around(folder: str) -> Iterator[os.DirEntry[str]]:
    done = ""
    for around in _folders_around(folder):
        yield from _files_in(around, done)
        done = around


def _files_in(folder: str, done: str) -> Iterator[os.DirEntry[str]]:
    """The Python files in a folder and then in those below it, but for the one that is done."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError:
        return
    folders: list[str] = []
    for entry in entries:
        stem, suffix = os.path.splitext(entry.name)
        if _is_left_out(entry.name):
            continue
        if suffix == ".py" and not stem.startswith("test_") and not stem.endswith("_test"):
            if stem != "conftest":
                yield entry
        elif entry.path != done and entry.is_dir(follow_symlinks=False):
            folders.append(entry.path)
    for inner in folders:
        yield from _files_in(inner, done)


def _is_left_out(name: str) -> bool:
    stem = os.path.splitext(name)[0]
    return stem.startswith(".") or stem in FOLDERS_WITHOUT_CALLERS
