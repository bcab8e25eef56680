"""``[tool.dropout-lint.verify]``: what the verify command does where its options say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dropout_lint.config import checks
from dropout_lint.config.keys import checked, key

DEADLINE_S = 60.0
MEMORY_BYTES = 8 << 30
DEVICES = ("cpu", "cuda", "meta", "auto")
FORMATS = ("text", "json", "github", "junit")


@dataclass(frozen=True)
class VerifySettings:
    """The keys are the field names with dashes."""

    targets: tuple[str, ...] = key(
        (), checks.strings, "What to verify where the command line names nothing."
    )
    declared: Mapping[str, str] = key(
        {},
        checks.reasons,
        "Randomness that is wanted: reasons by module path (`encoder.*`) or `file.py:line`.",
    )
    device: str = key("cpu", checks.one_of(DEVICES), "Where to run: cpu, cuda, meta or auto.")
    seeds: tuple[int, ...] = key((0, 1, 2), checks.seeds, "The seeds whose outputs are compared.")
    fast: bool = key(False, checks.boolean, "Watch one forward pass and run nothing else.")
    timeout: float = key(DEADLINE_S, checks.positive, "Seconds after which a model is given up.")
    memory: int = key(
        MEMORY_BYTES, checks.memory, "What a model may allocate, in bytes or as in `8GB`."
    )
    jobs: int | None = key(None, checks.count, "Models to run at the same time.")
    with_lint: bool = key(False, checks.boolean, "Say which findings of the linter were confirmed.")
    output_format: str = key(
        "text", checks.one_of(FORMATS), "How to print: text, json, github or junit."
    )


def verify_table(table: Any) -> dict[str, Any]:
    """The fields that a configuration sets. Raises ConfigError, or ValueError for no table."""
    if not isinstance(table, dict):
        raise ValueError("must be a table")
    return checked(table, VerifySettings, "verify.")
