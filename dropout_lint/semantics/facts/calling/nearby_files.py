"""The files of the project around a file that may use a name, found by their bytes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice

from dropout_lint.files.code import Unclear, code_of
from dropout_lint.semantics.model import MAX_SIZE
from dropout_lint.semantics.project.modules import root_of
from dropout_lint.vocabulary.methods import FOLDERS_WITHOUT_CALLERS

_MAX_FILES = 4000
_MAX_BYTES = 24_000_000
_STAR = re.compile(rb"\bimport\s*\*")


class NearbyFiles:
    """The Python files of the project around one, but no tests: those near it first."""

    def __init__(self, path: str) -> None:
        self._files = list(_contents(path))
        self._using: dict[str, list[int]] = {}

    def using(self, name: str, owners: list[str]) -> set[int]:
        """The numbers of the files that may use what the file defines under a name.

        ``owners`` are the classes by way of which they do, if it is a method.
        """
        token = name.encode()
        if name not in self._using:
            self._using[name] = [
                number for number, (_, data) in enumerate(self._files) if _may_use(data, token)
            ]
        classes = [owner.encode() for owner in owners]
        return {
            number
            for number in self._using[name]
            if not classes or any(each in self._files[number][1] for each in classes)
        }

    def have_from(self, path: str, name: str) -> bool:
        """Whether a file may have a name from the module at a path, where that only imports it."""
        module = re.escape(os.fsencode(os.path.splitext(os.path.basename(path))[0]))
        token = re.escape(name.encode())
        of = re.compile(rb"\b" + module + rb"\s*\.\s*" + token + rb"\b")
        of_from = re.compile(
            rb"\bfrom\s[^\n]*\b" + module + rb"\s+import\s*"
            rb"(?:\*|\([^)]*\b" + token + rb"\b|[^\n(]*\b" + token + rb"\b)"
        )
        return any(of.search(data) or of_from.search(data) for _, data in self._files)

    def naming(self, keyword: str) -> set[int]:
        """The numbers of the files that may pass an argument by a keyword."""
        given = re.compile(rb"\b" + keyword.encode() + rb"\s*=(?!=)")
        return {
            number
            for number, (_, data) in enumerate(self._files)
            if keyword.encode() in data and given.search(data)
        }

    def path(self, number: int) -> str:
        return self._files[number][0]


def _contents(path: str) -> Iterator[tuple[str, bytes]]:
    """The files around a file that define functions, each with its bytes."""
    bytes_left = _MAX_BYTES
    for nearby in islice(_files_around(path), _MAX_FILES):
        try:
            with open(nearby, "rb") as file:
                data = file.read(MAX_SIZE + 1)
        except OSError:
            continue
        bytes_left -= len(data)
        if bytes_left < 0:
            return
        if b"def" in data:
            yield nearby, data


def _may_use(data: bytes, name: bytes) -> bool:
    """Whether a file imports a name, uses it as an attribute, or imports names unseen."""
    if name not in data:
        return False
    try:
        code = code_of(data, ())
    except Unclear:
        return True
    use = rb"(?:\.\s*|\bimport\b(?:[^\n()]*|\s*\([^()]*))\b" + name + rb"\b"
    if re.search(use, code):
        return True
    return _STAR.search(code) is not None and re.search(rb"\b" + name + rb"\b", code) is not None


def _files_around(path: str) -> Iterator[str]:
    folder = os.path.dirname(path)
    root = root_of(folder)
    done = ""
    while True:
        yield from (nearby for nearby in _files_in(folder, done) if nearby != path)
        outer = os.path.dirname(folder)
        if folder == root or outer == folder:
            return
        folder, done = outer, folder


def _files_in(folder: str, done: str) -> Iterator[str]:
    """The Python files in a folder and then in those below it, but for the one that is done."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError:
        return
    folders: list[str] = []
    for entry in entries:
        stem, suffix = os.path.splitext(entry.name)
        if stem.startswith(".") or stem in FOLDERS_WITHOUT_CALLERS:
            continue
        if suffix == ".py" and not stem.startswith("test_") and not stem.endswith("_test"):
            if stem != "conftest":
                yield entry.path
        elif entry.path != done and entry.is_dir(follow_symlinks=False):
            folders.append(entry.path)
    for inner in folders:
        yield from _files_in(inner, done)
