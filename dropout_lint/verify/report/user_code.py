"""Which files hold the user's own code, by their names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_STDLIB = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
_TORCH = re.compile(r"[\\/](site|dist)-packages[\\/](torch|numpy)[\\/]")
_PACKAGES = ("site-packages", "dist-packages")


def is_user_file(name: str) -> bool:
    """Whether a file is neither ours nor torch's nor the standard library's."""
    if name.startswith((_OURS, "<")) or _TORCH.search(name):
        return False
    return not is_stdlib(name)


def is_stdlib(name: str) -> bool:
    """Whether a file is the standard library's, and in no package installed below its folder."""
    return name.startswith(_STDLIB) and not any(part in name for part in _PACKAGES)


def user_line(frames: Iterable[tuple[str, int]]) -> tuple[str | None, int]:
    """The first of some frames (file and line, innermost first) that is the user's."""
    return next(((file, line) for file, line in frames if is_user_file(file)), (None, 0))
