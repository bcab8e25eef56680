"""The keys of a table: each is a dataclass field with a default, a check and a help text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, fields
from typing import Any

from dropout_lint.config.errors import ConfigError


def key(default: Any, check: Callable[[Any], Any], text: str) -> Any:
    """A field that a table can set, under the field's name with dashes."""
    metadata = {"check": check, "help": text}
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def keys_of(settings: type) -> tuple[str, ...]:
    """The keys that the table of a settings class can have."""
    return tuple(f.name.replace("_", "-") for f in fields(settings) if f.metadata)


def checked(table: Mapping[str, Any], settings: type, prefix: str = "") -> dict[str, Any]:
    """The values that a table sets, by field name.

    ``prefix`` goes before a key in an error. Raises ConfigError for unknown keys and wrong values.
    """
    checks = {f.name.replace("_", "-"): f.metadata["check"] for f in fields(settings) if f.metadata}
    values = {}
    for name, value in table.items():
        if name not in checks:
            keys = ", ".join(checks)
            raise ConfigError(f"unknown key `{prefix}{name}`; the keys are {keys}")
        try:
            values[name.replace("-", "_")] = checks[name](value)
        except ValueError as error:
            raise ConfigError(f"`{prefix}{name}` {error}") from None
    return values
