"""``[tool.dropout-lint.verify]``: what the verify command does where its options say nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

DEADLINE_S = 60.0
MEMORY_BYTES = 8 << 30
DEVICES = ("cpu", "cuda", "meta", "auto")
FORMATS = ("text", "json", "github", "junit")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def _key(default: Any, text: str) -> Any:
    metadata = {"help": text}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class VerifySettings:
    """The keys are the field names with dashes."""

    targets: tuple[str, ...] = _key((), "What to verify where the command line names nothing.")
    declared: Mapping[str, str] = _key(
        {}, "Randomness that is wanted: reasons by module path (`encoder.*`) or `file.py:line`."
    )
    device: str = _key("cpu", "Where to run: cpu, cuda, meta or auto.")
    seeds: tuple[int, ...] = _key((0, 1, 2), "The seeds whose outputs are compared.")
    fast: bool = _key(False, "Watch one forward pass and run nothing else.")
    timeout: float = _key(DEADLINE_S, "Seconds after which a model is given up.")
    memory: int = _key(MEMORY_BYTES, "What a model may allocate, in bytes or as in `8GB`.")
    jobs: int | None = _key(None, "Models to run at the same time.")
    with_lint: bool = _key(False, "Say which findings of the linter were confirmed.")
    output_format: str = _key("text", "How to print: text, json, github or junit.")


KEYS = tuple(f.name.replace("_", "-") for f in fields(VerifySettings))


def memory(text: str | int) -> int:
    """Bytes from ``8GB``, ``512 MiB`` or a number of bytes. Raises ValueError."""
    if isinstance(text, int) and not isinstance(text, bool) and text > 0:
        return text
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", str(text).strip().lower())
    if match is None or not float(match[1]) or isinstance(text, bool):
        raise ValueError(f"must be a size such as 8GB or 512MB, not {text!r}")
    return int(float(match[1]) * _UNITS[match[2]])


def seeds(text: str) -> tuple[int, ...]:
    """Seeds from ``0,1,2``. Raises ValueError."""
    return _seeds([int(part) if part.strip().isdigit() else part for part in text.split(",")])


def verify_settings(table: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a configuration sets. Raises ValueError with a sentence."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key not in KEYS:
            raise ValueError(f"unknown key `verify.{key}`; the keys are {', '.join(KEYS)}")
        name = key.replace("-", "_")
        try:
            found[name] = _CHECKS[name](value)
        except ValueError as error:
            raise ValueError(f"`verify.{key}` {error}") from None
    return found


def _one_of(choices: tuple[str, ...]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}, not {value!r}")
        return str(value)

    return check


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {value!r}")
    return value


def _positive(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise ValueError(f"must be a number above 0, not {value!r}")
    return value


def _count(value: Any) -> int:
    if not isinstance(_positive(value), int):
        raise ValueError(f"must be a whole number, not {value!r}")
    return int(value)


def _seeds(value: Any) -> tuple[int, ...]:
    good = isinstance(value, list) and all(
        isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed < 1 << 32
        for seed in value
    )
    if not good or len(set(value)) < 2:
        raise ValueError("must be at least two different whole numbers, such as 0,1,2")
    return tuple(value)


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"must be a list of strings, not {value!r}")
    return tuple(value)


def _reasons(value: Any) -> dict[str, str]:
    good = isinstance(value, dict) and all(
        isinstance(reason, str) and reason.strip() for reason in value.values()
    )
    if not good:
        raise ValueError('must be a table of reasons, such as {"head.mc" = "Monte Carlo dropout"}')
    return dict(value)


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "targets": _strings,
    "declared": _reasons,
    "device": _one_of(DEVICES),
    "seeds": _seeds,
    "fast": _boolean,
    "timeout": _positive,
    "memory": memory,
    "jobs": _count,
    "with_lint": _boolean,
    "output_format": _one_of(FORMATS),
}
