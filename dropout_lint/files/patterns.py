"""Path patterns in the syntax of ``.gitignore``, and the folder that each belongs to."""

from __future__ import annotations

import os
import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


def absolute(pattern: str, folder: str) -> str:
    """A pattern that means the same wherever it is read. One of a single name does already."""
    if "/" not in pattern.rstrip("/") or pattern.startswith(("**/", "!")):
        return pattern
    end = "/" if pattern.endswith("/") else ""
    return os.path.normpath(os.path.join(folder, pattern)).replace(os.sep, "/") + end


def matches(patterns: tuple[str, ...], path: str, is_folder: bool, root: str) -> bool:
    """Whether a path, or a folder around it, matches patterns that belong to the folder ``root``.

    The last pattern that matches decides. A pattern may be an absolute path as well.
    """
    return _compiled(patterns, root).match_file(relative(path, root, is_folder))


def is_valid(pattern: str) -> bool:
    """Whether a pattern can be read."""
    try:
        _compiled((pattern,), "")
    except (ValueError, re.error):
        return False
    return True


@cache
def _compiled(patterns: tuple[str, ...], root: str) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines([_anchored(pattern, root) for pattern in patterns])


def _anchored(pattern: str, root: str) -> str:
    start = root.replace(os.sep, "/").rstrip("/") + "/"
    if pattern.startswith(start):
        return "/" + pattern[len(start) :]
    return pattern[2:] if pattern.startswith("./") else pattern


def relative(path: str, root: str, is_folder: bool) -> str:
    """A path as patterns of the folder ``root`` want it; folders end in a slash."""
    found = os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")
    return found + "/" if is_folder else found
