"""What the value of a key must be: functions from a TOML value to the value of the setting.

Each raises ValueError with the end of a sentence that begins with the key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {value!r}")
    return value


def strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"must be a list of strings, not {value!r}")
    return tuple(value)


def one_of(choices: tuple[str, ...]) -> Callable[[Any], str]:
    """A check that the value is one of some words."""

    def check(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}, not {value!r}")
        return str(value)

    return check


def table_of(content: str) -> Callable[[Any], dict[str, Any]]:
    """A check that the value is a table; ``content`` says of what."""

    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError(f"must be a table of {content}")
        return value

    return check


def codes_by_pattern(value: Any) -> dict[str, tuple[str, ...]]:
    table = table_of("code lists by pattern")(value)
    return {pattern: strings(codes) for pattern, codes in table.items()}


def positive(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise ValueError(f"must be a number above 0, not {value!r}")
    return value


def count(value: Any) -> int:
    if not isinstance(positive(value), int):
        raise ValueError(f"must be a whole number, not {value!r}")
    return int(value)


def memory(value: Any) -> int:
    """Bytes from ``8GB``, ``512 MiB`` or a number of bytes."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", str(value).strip().lower())
    if match is None or not float(match[1]) or isinstance(value, bool):
        raise ValueError(f"must be a size such as 8GB or 512MB, not {value!r}")
    return int(float(match[1]) * _UNITS[match[2]])


def seeds(value: Any) -> tuple[int, ...]:
    good = isinstance(value, list) and all(
        isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed < 1 << 32
        for seed in value
    )
    if not good or len(set(value)) < 2:
        raise ValueError("must be at least two different whole numbers, such as 0,1,2")
    return tuple(value)


def seeds_in(text: str) -> tuple[int, ...]:
    """Seeds from ``0,1,2``."""
    return seeds([int(part) if part.strip().isdigit() else part for part in text.split(",")])


def reasons(value: Any) -> dict[str, str]:
    good = isinstance(value, dict) and all(
        isinstance(reason, str) and reason.strip() for reason in value.values()
    )
    if not good:
        raise ValueError('must be a table of reasons, such as {"head.mc" = "Monte Carlo dropout"}')
    return dict(value)
