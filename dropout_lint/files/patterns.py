"""Path patterns in the syntax of ``.gitignore``, and the folder that each belongs to."""

from __future__ import annotations

import os
from functools import cache, lru_cache

from dropout_lint.files import gitignore


def absolute(pattern: str, folder: str) -> str:
    """A pattern that means the same wherever it is read. One of a single name does already."""
    if "/" not in pattern.rstrip("/") or pattern.startswith(("**/", "!")):
        return pattern
    end = "/" if pattern.endswith("/") else ""
    return os.path.normpath(os.path.join(folder, pattern)).replace(os.sep, "/") + end


def matches(patterns: tuple[str, ...], path: str, is_folder: bool, root: str) -> bool:
    """Whether a path, or a folder around it, matches patterns that belong to the folder ``root``.

    The last pattern that matches decides; one that matches a file itself comes before all that
    match folders around it. A pattern may be an absolute path as well.
    """
    path = relative(path, root, False)
    own = None if is_folder else gitignore.verdict(_compiled(patterns, root), path, False)
    return _inherited(patterns, root, path if is_folder else path.rpartition("/")[0], own)


@lru_cache(1000)
def _inherited(patterns: tuple[str, ...], root: str, folder: str, own: bool | None) -> bool:
    """Whether a path matches: as it does itself, or as a folder does or those around it."""
    if own is not None or not folder:
        return bool(own)
    parts = folder.split("/")
    folders = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    for pattern in reversed(_compiled(patterns, root)):
        if any(pattern.matches(around, True) for around in folders):
            return not pattern.takes_back
    return False


def is_valid(pattern: str) -> bool:
    """Whether a pattern can be read."""
    escaped = (len(pattern) - len(pattern.rstrip("\\"))) % 2 == 1
    return not escaped and pattern != "!"


@cache
def _compiled(patterns: tuple[str, ...], root: str) -> tuple[gitignore.Pattern, ...]:
    found = (gitignore.pattern(_anchored(pattern, root)) for pattern in patterns)
    return tuple(pattern for pattern in found if pattern is not None)


def _anchored(pattern: str, root: str) -> str:
    start = root.replace(os.sep, "/").rstrip("/") + "/"
    if pattern.startswith(start):
        return "/" + pattern[len(start) :]
    return pattern[2:] if pattern.startswith("./") else pattern


def relative(path: str, root: str, is_folder: bool) -> str:
    """A path as patterns of the folder ``root`` want it; folders end in a slash."""
    found = os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")
    return found + "/" if is_folder else found
