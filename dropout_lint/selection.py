"""Which rules are on: select, ignore and their kin."""

from __future__ import annotations

import os
from functools import cache

from dropout_lint.config import Settings
from dropout_lint.rules.base import Rule, all_rules


@cache
def enabled_rules(
    select: tuple[str, ...] | None, more: tuple[str, ...], ignore: tuple[str, ...]
) -> tuple[type[Rule], ...]:
    """The rules that a selection leaves on. The longest matching prefix decides, as in ruff."""
    found = []
    for rule in all_rules():
        wanted = max((_match(rule.code, name) for name in (*(select or ()), *more)), default=-1)
        if select is None and rule.default:
            wanted = max(wanted, 0)
        unwanted = max((_match(rule.code, name) for name in ignore), default=-1)
        if wanted > unwanted or (wanted == unwanted == 0 and not ignore):
            found.append(rule)
    return tuple(found)


def _match(code: str, name: str) -> int:
    if name == "ALL":
        return 0
    return len(name) if code.startswith(name) else -1


def rules_for(settings: Settings) -> tuple[type[Rule], ...]:
    return enabled_rules(
        settings.select, settings.extend_select, settings.ignore + settings.extend_ignore
    )


def ignored_in(settings: Settings, path: str) -> tuple[str, ...]:
    """The code prefixes that ``per-file-ignores`` takes out for a file."""
    if not settings.per_file_ignores:
        return ()
    from pathspec import GitIgnoreSpec

    relative = os.path.relpath(os.path.abspath(path), settings.root or os.getcwd())
    found: list[str] = []
    for pattern, codes in settings.per_file_ignores.items():
        if GitIgnoreSpec.from_lines([pattern]).match_file(relative.replace(os.sep, "/")):
            found += codes
    return tuple(found)
