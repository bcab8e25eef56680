"""Names of Python that more than one room knows."""

from __future__ import annotations

# Methods that construct an instance.
CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__"})
# Methods by which a list, set or dict grows.
GROWING_METHODS = frozenset({"append", "extend", "insert", "add", "update", "setdefault"})
