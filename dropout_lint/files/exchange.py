"""Two files that change places at once, which Linux can do and Python's ``os`` cannot."""

from __future__ import annotations

import errno
import os
import sys
from functools import cache
from typing import Any

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_UNKNOWN = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


def exchange(path: str, other: str) -> bool:
    """Let two names change places; False where the system or the file system cannot."""
    rename = _rename()
    if rename is None:
        return False
    import ctypes

    names = os.fsencode(path), os.fsencode(other)
    if rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _UNKNOWN:
        return False
    raise OSError(code, os.strerror(code), path, None, other)


@cache
def _rename() -> Any:
    if sys.platform != "linux":
        return None
    import ctypes

    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return None
    name = ctypes.c_char_p
    rename.argtypes = (ctypes.c_int, name, ctypes.c_int, name, ctypes.c_uint)
    return rename
