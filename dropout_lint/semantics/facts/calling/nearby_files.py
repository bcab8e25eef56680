"""The files of the project around a file that may use a name, found by their bytes."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator

from dropout_lint.files.code import Unclear, code_of
from dropout_lint.semantics.project.snapshots import Test, snapshots_around

_STAR = re.compile(rb"\bimport\s*\*")
_IMPORT = re.compile(rb"\bimport\b")
_IN_BRACKETS = re.compile(rb"\bimport\s*\(([^()]*)")
_PIECE = re.compile(rb"[^\n()]+")
_FROM = re.compile(rb"\bfrom\s")


class NearbyFiles:
    """The Python files of the project around one, but no tests."""

    def __init__(self, path: str) -> None:
        self._path = os.path.abspath(path)
        self._snapshots = snapshots_around(os.path.dirname(self._path))

    def using(self, name: str, owners: list[str]) -> set[str]:
        """The files that may use what the file defines under a name.

        ``owners`` are the classes by way of which they do, if it is a method.
        """
        token = name.encode()
        classes = [owner.encode() for owner in owners]
        return {
            path
            for path, data in self._passing(token, _may_use)
            if not classes or any(each in data for each in classes)
        }

    def have_from(self, path: str, name: str) -> bool:
        """Whether a file may have a name from the module at a path, where that only imports it."""
        module = os.fsencode(os.path.splitext(os.path.basename(path))[0])
        token = name.encode()
        word = rb"\b" + re.escape(token) + rb"\b"
        of = re.compile(rb"\b" + re.escape(module) + rb"\s*\.\s*" + word)
        named = re.compile(word)
        imported = re.compile(
            rb"\b" + re.escape(module) + rb"\s+import\s*(?:(\*)|\(([^)]*)|([^\n(]*))"
        )
        for _, data in self._passing(token, _holds):
            if of.search(data):
                return True
            for match in imported.finditer(data):
                names = match[2] or match[3] or b""
                if match[1] or named.search(names):
                    line = data.rfind(b"\n", 0, match.start()) + 1
                    if _FROM.search(data, max(line - 5, 0), match.start()):
                        return True
        return False

    def naming(self, keyword: str) -> set[str]:
        """The files that may pass an argument by a keyword."""
        return {path for path, _ in self._passing(keyword.encode(), _gives)}

    def nearest_first(self, paths: Collection[str]) -> list[str]:
        """Some of the files, in the order in which their folders are met on the way outwards."""
        return sorted(paths, key=self._distance)

    def _distance(self, path: str) -> tuple[int, int]:
        steps = 0
        folder = os.path.dirname(self._path)
        while not path.startswith(os.path.join(folder, "")):
            steps += 1
            folder = os.path.dirname(folder)
        return steps, next(s.numbers[path] for s in self._snapshots if path in s.numbers)

    def _passing(self, token: bytes, test: Test) -> Iterator[tuple[str, bytes]]:
        """The files that hold a token and pass a test with it, each with its bytes."""
        for snapshot in self._snapshots:
            for number in snapshot.passing(token, test):
                path = snapshot.paths[number]
                if path != self._path:
                    yield path, snapshot.data(number)


def _holds(data: bytes, token: bytes) -> bool:
    return True


def _gives(data: bytes, keyword: bytes) -> bool:
    """Whether a file may pass an argument by a keyword."""
    return re.search(rb"\b" + keyword + rb"\s*=(?!=)", data) is not None


def _may_use(data: bytes, name: bytes) -> bool:
    """Whether a file imports a name, uses it as an attribute, or imports names unseen."""
    try:
        code = code_of(data, ())
    except Unclear:
        return True
    word = re.compile(rb"\b" + name + rb"\b")
    if not word.search(code):
        return False
    return (
        _STAR.search(code) is not None
        or re.search(rb"\.\s*\b" + name + rb"\b", code) is not None
        or any(word.search(match[1]) for match in _IN_BRACKETS.finditer(code))
        or any(
            (start := _IMPORT.search(piece[0])) and word.search(piece[0], start.end())
            for piece in _PIECE.finditer(code)
            if name in piece[0]
        )
    )
